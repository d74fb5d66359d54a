-- Commands whose keys are found by specifications, subcommands, and refusals.
local gmatch, PLEN = string.gmatch, #P

local function refused(name)
  return {
    err = 'NOPERM partywall: command "' .. gsub(lower(name), '|', ' ')
      .. '" is not open to scripts of tenants [command-not-allowed]',
  }
end

local function has_prefix(key) return type(key) == 'string' and sub(key, 1, PLEN) == P end
local function strip(key) if has_prefix(key) then return sub(key, AFTER) end return key end

-- Text of all arguments, as the server would write them; nil when one is neither text nor number.
local function texts(n, ...)
  local a = {...}
  for i = 1, n do
    local kind = type(a[i])
    if kind == 'number' then a[i] = rpcall('echo', a[i])
    elseif kind ~= 'string' then return nil end
  end
  return a
end

local function count_of(text)
  if text and find(text, '^%d+$') and #text < 10 then return tonumber(text) end
  return nil
end

-- Prefixes the keys that one specification finds. A number of keys that cannot be is left to the
-- server to refuse; then everything behind it is prefixed.
local function by_spec(a, n, spec)
  local first, last, step = match(spec, '^(%d+)%.%.(-?%d+)/(%d+)$')
  local stop
  if first then
    first, last, step = tonumber(first) + 1, tonumber(last), tonumber(step)
    stop = last < 0 and n + 1 + last or first + last
  else
    local number_at, from, by = match(spec, '^(%d+)#(%d+)/(%d+)$')
    first, step = tonumber(from) + 1, tonumber(by)
    local count = count_of(a[tonumber(number_at) + 1])
    stop = count and first + count * step - 1 or n
    if stop > n then step, stop = 1, n end
  end
  if stop > n then stop = n end
  for i = first, stop, step do a[i] = P .. a[i] end
end

local function by_specs(a, n, specs)
  for spec in gmatch(specs, '[^ ]+') do by_spec(a, n, spec) end
end

-- Every shape but '1', 'a' and '-'; and those, when an argument is no text.
local function odd(shape, name, n, ...)
  if not shape then
    if n == 0 then return rpcall() end
    -- In the server's own words: an argument that is none, or a command that it does not know.
    if type(name) ~= 'string' and type(name) ~= 'number' then return rpcall({}) end
    return rpcall('?')
  end
  local a = texts(n, ...)
  if not a then return rpcall({}) end
  local kind, rest = sub(shape, 1, 1), sub(shape, 2)
  if kind == 'c' then
    if n == 1 then return rpcall(name) end
    name = name .. '|' .. a[2]
    shape = look(name)
    if not shape then return rpcall('?') end
    kind, rest = sub(shape, 1, 1), sub(shape, 2)
  end
  if kind == 'o' then return find_own_way()[rest](a, n) end
  if kind == 'x' then return rpcall('multi') end
  if kind == '1' then
    if n > 1 then a[2] = P .. a[2] end
  elseif kind == 'a' then
    for i = 2, n do a[i] = P .. a[i] end
  elseif kind == 'k' or kind == 'p' then
    by_specs(a, n, rest)
  elseif kind ~= '-' then
    return refused(name)
  end
  local reply = rpcall(unpack(a, 1, n))
  if kind == 'p' and type(reply) == 'table' and reply[1] then reply[1] = strip(reply[1]) end
  return reply
end

-- An error without the prefix in it.
local function scrub(text)
  local parts, from = {}, 1
  while true do
    local at, to = find(text, P, from, true)
    if not at then return concat(parts) .. sub(text, from) end
    parts[#parts + 1] = sub(text, from, at - 1)
    from = to + 1
  end
end

specified = {
  odd = odd, scrub = scrub, refused = refused, texts = texts, by_specs = by_specs, strip = strip,
  has_prefix = has_prefix,
}
