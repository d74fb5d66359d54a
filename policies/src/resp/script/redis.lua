-- The shadow of `redis`. What is needed seldom is made when it is needed.
local rpcall, rredis, select, lower, unpack = redis.pcall, redis, select, string.lower, unpack
local INDEX = '`INDEX`'
local known, resp = {}, 2
local specified, own_way, find_own_way

-- What the index says of a command, or of a subcommand behind its container and a bar: see
-- `index.rs`. Nil for what it does not know.
local function look(name)
  if type(name) ~= 'string' or not find(name, '^[%w|_.-]+$') then return nil end
  local _, at = find(INDEX, ';' .. lower(name) .. ' ', 1, true)
  return at and match(INDEX, '^[^;]+', at + 1)
end

local function by_specification()
  if specified then return specified end
  `SPECIFIED`
  return specified
end

find_own_way = function()
  if own_way then return own_way end
  `OWN_WAY`
  return own_way
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
  if (shape == '1' or shape == 'a' and n == 2) and type(key) == 'string' then
    if n == 2 then r = rpcall(name, P .. key)
    elseif n == 3 then r = rpcall(name, P .. key, (select(3, ...)))
    else r = rpcall(name, P .. key, select(3, ...)) end
  elseif shape == '-' then r = rpcall(...)
  else r = by_specification().odd(shape, name, n, ...) end
  if type(r) == 'table' and r.err and find(r.err, P, 1, true) then
    r.err = by_specification().scrub(r.err)
  end
  return r
end

local function call(...)
  local r = run(...)
  if type(r) == 'table' and r.err then error(r) end
  return r
end

local redis = rsetmeta({call = call, pcall = run}, {
  __index = function(_, name) return find_own_way().field(name) end,
})
