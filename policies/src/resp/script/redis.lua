-- The shadow of `redis`. What is needed seldom is made when it is first needed.
local rpcall, rredis, select, lower = redis.pcall, redis, select, string.lower
local INDEX = '`INDEX`'
local known, resp = {}, 2
local made

-- What the index says of a command, or of a subcommand behind its container and a bar: see
-- `index.rs`. Nil for what it does not know.
local function look(name)
  if type(name) ~= 'string' or not find(name, '^[%w|_.-]+$') then return nil end
  local _, at = find(INDEX, ';' .. lower(name) .. ' ', 1, true)
  return at and match(INDEX, '^[^;]+', at + 1)
end

local function rare()
if made then return made end
local unpack, gmatch, PLEN = unpack, string.gmatch, #P

local function refused(name)
  return {err = 'NOPERM partywall: command "' .. gsub(name, '|', ' ') .. '" is not open to scripts of tenants [command-not-allowed]'}
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

local function by_specs(a, n, specs) for spec in gmatch(specs, '[^ ]+') do by_spec(a, n, spec) end end

-- SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC|DESC] [ALPHA] [STORE key]
local function sort(a, n)
  if n > 1 then a[2] = P .. a[2] end
  local i = 3
  while i <= n do
    local word, value = lower(a[i]), a[i + 1]
    if word == 'by' then
      if value and find(value, '*', 1, true) then a[i + 1] = P .. value end
      i = i + 2
    elseif word == 'get' then
      if value and value ~= '#' then a[i + 1] = P .. value end
      i = i + 2
    elseif word == 'store' then
      if value then a[i + 1] = P .. value end
      i = i + 2
    elseif word == 'limit' then i = i + 3
    elseif word == 'asc' or word == 'desc' or word == 'alpha' then i = i + 1
    else return {err = 'ERR syntax error'} end
  end
end

-- GEORADIUS and GEORADIUSBYMEMBER: options from `from` on.
local function radius(a, n, from)
  if n > 1 then a[2] = P .. a[2] end
  local i = from + 1
  while i <= n do
    local word = lower(a[i])
    if word == 'count' then i = i + 1
    elseif word == 'store' or word == 'storedist' then
      i = i + 1
      if i <= n then a[i] = P .. a[i] end
    end
    i = i + 1
  end
end

local stream_words = {block = 2, count = 2, group = 3, noack = 1, claim = 2}
-- XREAD and XREADGROUP
local function streams(a, n)
  local i = 2
  while i <= n do
    local word = lower(a[i])
    if word == 'streams' then
      local half = (n - i - (n - i) % 2) / 2
      for k = i + 1, i + half do a[k] = P .. a[k] end
      return nil
    end
    if not stream_words[word] then return {err = 'ERR syntax error'} end
    i = i + stream_words[word]
  end
end

local function strip_streams(r)
  if type(r) ~= 'table' then return r end
  if r.map then
    local map = {}
    for key, entries in next, r.map do map[strip(key)] = entries end
    return {map = map}
  end
  for i = 1, #r do r[i][1] = strip(r[i][1]) end
  return r
end

-- The prefix, as the beginning of a pattern that matches nothing else.
local function pattern_of(pattern) return (gsub(P, '[*?%[%]\\]', '\\%0')) .. pattern end

-- Gives `each` every page of the tenant's keys that match. Looks at no more keys than `WALK`.
local function walk(pattern, each)
  local cursor, looked = '0', 0
  repeat
    local r = rpcall('scan', cursor, 'match', pattern, 'count', '1000')
    if r.err then return r end
    cursor, looked = r[1], looked + 1000
    if looked > `WALK` and cursor ~= '0' then
      return {err = 'ERR partywall: the key space is too large to be looked at inside of a script [key-space-too-large]'}
    end
    local failed = each(r[2])
    if failed then return failed end
  until cursor == '0'
end

local function keys(pattern)
  local found, seen, number = {}, {}, 0
  local failed = walk(pattern_of(pattern), function(page)
    for i = 1, #page do
      local key = page[i]
      if has_prefix(key) and not seen[key] then
        seen[key], number = true, number + 1
        found[number] = sub(key, AFTER)
      end
    end
  end)
  return failed or found, number
end

local function flush(a, n)
  if n > 2 or n == 2 and lower(a[2]) ~= 'async' and lower(a[2]) ~= 'sync' then return {err = 'ERR syntax error'} end
  -- The key without a name is asked for first, so that a script that must not write is told so.
  local r = rpcall('unlink', P)
  if type(r) == 'table' then return r end
  local failed = walk(pattern_of('*'), function(page)
    local mine = {}
    for i = 1, #page do if has_prefix(page[i]) then mine[#mine + 1] = page[i] end end
    for i = 1, #mine, 500 do
      local reply = rpcall('unlink', unpack(mine, i, i + 499 < #mine and i + 499 or #mine))
      if type(reply) == 'table' then return reply end
    end
  end)
  return failed or {ok = 'OK'}
end

local function random_key()
  local null = nil
  if resp == 2 then null = false end
  for _ = 1, 20 do
    local key = rpcall('randomkey')
    if not key or type(key) == 'table' then return key end
    if has_prefix(key) then return sub(key, AFTER) end
  end
  local all, number = keys('*')
  if all.err then return all end
  if number == 0 then return null end
  local now = rpcall('time')
  return all[tonumber(now[2]) % number + 1]
end

-- SCAN cursor [MATCH pattern] [COUNT count] [TYPE type]
local function scan(a, n)
  local matched = false
  for i = 3, n, 2 do
    if lower(a[i]) == 'match' and i < n then a[i + 1], matched = pattern_of(a[i + 1]), true end
  end
  if not matched and n > 1 then a[n + 1], a[n + 2], n = 'match', pattern_of('*'), n + 2 end
  local r = rpcall(unpack(a, 1, n))
  if r.err then return r end
  local mine, page = {}, r[2]
  for i = 1, #page do if has_prefix(page[i]) then mine[#mine + 1] = sub(page[i], AFTER) end end
  return {r[1], mine}
end

-- COPY source destination [DB number] [REPLACE]: database 0 is the only one, and need not be named.
local function copy(a, n)
  local out, i = {a[1], a[2] and P .. a[2], a[3] and P .. a[3]}, 4
  while i <= n do
    if lower(a[i]) == 'db' and i < n then
      if a[i + 1] ~= '0' then return refused('copy ... db') end
      i = i + 2
    else
      out[#out + 1] = a[i]
      i = i + 1
    end
  end
  return rpcall(unpack(out))
end

-- Every shape but '1' and '-'.
local function odd(shape, name, n, ...)
  if shape == nil then
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
  if kind == 'x' then return rpcall('multi') end
  if kind == 'r' then return refused(lower(name)) end
  if kind == '1' then
    if n > 1 then a[2] = P .. a[2] end
  elseif kind == 'k' then by_specs(a, n, rest)
  elseif kind == 'p' then
    by_specs(a, n, rest)
    local r = rpcall(unpack(a, 1, n))
    if type(r) == 'table' and r[1] then r[1] = strip(r[1]) end
    return r
  elseif kind ~= '-' then
    local wrong, r
    if rest == 'sort' then wrong = sort(a, n)
    elseif rest == 'georadius' then wrong = radius(a, n, 6)
    elseif rest == 'georadiusbymember' then wrong = radius(a, n, 5)
    elseif rest == 'streams' then
      wrong = streams(a, n)
      return wrong or strip_streams(rpcall(unpack(a, 1, n)))
    elseif rest == 'scan' then return scan(a, n)
    elseif rest == 'copy' then return copy(a, n)
    elseif rest == 'flush' then return flush(a, n)
    elseif rest == 'keys' then
      if n ~= 2 then return rpcall(unpack(a, 1, n)) end
      r = keys(a[2])
      return r
    elseif rest == 'dbsize' then
      if n ~= 1 then return rpcall(unpack(a, 1, n)) end
      local failed, number = keys('*')
      return failed.err and failed or number
    elseif rest == 'randomkey' then
      if n ~= 1 then return rpcall(unpack(a, 1, n)) end
      return random_key()
    elseif rest == 'select' then
      if n == 2 and a[2] == '0' then return {ok = 'OK'} end
      return refused('select')
    else return refused(lower(name)) end
    if wrong then return wrong end
  end
  return rpcall(unpack(a, 1, n))
end

local function may(...)
  local name = ...
  local n = select('#', ...)
  local a = texts(n, ...)
  if n == 0 or not a then return rredis.acl_check_cmd(...) end
  local shape = not find(a[1], '|', 1, true) and look(a[1])
  if not shape then return rredis.acl_check_cmd('?') end
  if shape == 'c' and a[2] then
    shape = look(a[1] .. '|' .. a[2])
    if not shape then return rredis.acl_check_cmd('?') end
  end
  local kind = sub(shape, 1, 1)
  if kind == 'r' or kind == 'x' then return false end
  if kind == '1' then if n > 1 then a[2] = P .. a[2] end
  elseif kind == 'k' or kind == 'p' then by_specs(a, n, sub(shape, 2))
  elseif kind ~= '-' then return true end
  return rredis.acl_check_cmd(unpack(a, 1, n))
end

local function respond(version)
  rredis.setresp(version)
  resp = version
end

local function log(...)
  local level = ...
  if select('#', ...) < 2 then error('redis.log() requires two arguments or more.', 2) end
  if type(level) ~= 'number' then error('First argument must be a number (log level).', 2) end
  if level < 0 or level > 3 then error('Invalid log level.', 2) end
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

local OPEN = ' error_reply status_reply sha1hex set_repl replicate_commands REPL_ALL REPL_AOF REPL_NONE REPL_REPLICA REPL_SLAVE LOG_DEBUG LOG_VERBOSE LOG_NOTICE LOG_WARNING REDIS_VERSION REDIS_VERSION_NUM SERVER_NAME VALKEY_VERSION VALKEY_VERSION_NUM '
local function field(key)
  if type(key) ~= 'string' then return nil end
  if find(OPEN, ' ' .. key .. ' ', 1, true) then return rredis[key] end
  if key == 'setresp' then return respond end
  if key == 'log' then return log end
  if key == 'acl_check_cmd' then return may end
  if key == 'breakpoint' then return function() return false end end
  if key == 'debug' then return function() end end
  return nil
end

made = {odd = odd, scrub = scrub, field = field}
return made
end

-- redis.pcall: an error is a table with `err`, in which the prefix is not shown.
local function run(...)
  local name, key = ...
  local n = select('#', ...)
  local shape = known[name]
  if not shape and type(name) == 'string' and not find(name, '|', 1, true) then
    shape = look(name)
    known[name] = shape
  end
  local r
  if shape == '1' and type(key) == 'string' then
    if n == 2 then r = rpcall(name, P .. key)
    elseif n == 3 then r = rpcall(name, P .. key, (select(3, ...)))
    else r = rpcall(name, P .. key, select(3, ...)) end
  elseif shape == '-' then r = rpcall(...)
  else r = rare().odd(shape, name, n, ...) end
  if type(r) == 'table' and r.err and find(r.err, P, 1, true) then
    r.err = rare().scrub(r.err)
  end
  return r
end

local function call(...)
  local r = run(...)
  if type(r) == 'table' and r.err then error(r) end
  return r
end

local redis = rsetmeta({call = call, pcall = run}, {__index = function(_, key) return rare().field(key) end})
