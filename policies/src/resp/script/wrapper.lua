-- What follows the client's script, which stands before it as the function `body`. Its parameters
-- are the shadows below: no local of ours is in its scope. `INDEX` (text), `LINE` (number),
-- `NAMES` (text) and `SHADOWS` (expressions) are put in when the wrapper is made.
local G, K, A = _G, KEYS, ARGV
local rpcall, rredis = redis.pcall, redis
local type, error, pcall, xpcall, select, unpack = type, error, pcall, xpcall, select, unpack
local rawget, next, tostring, tonumber, rmeta, rsetmeta = rawget, next, tostring, tonumber, getmetatable, setmetatable
local find, sub, match, lower, gsub, gmatch = string.find, string.sub, string.match, string.lower, string.gsub, string.gmatch
local rcjson, compile, concat = cjson, loadstring, table.concat

-- The prefix travels as the last argument; what the client named is put back in place.
local P = A[#A]
if type(P) ~= 'string' or P == '' then error('partywall: no prefix', 0) end
A[#A] = nil
local PLEN, AFTER = #P, #P + 1
for i = 1, #K do K[i] = sub(K[i], AFTER) end
local INDEX = @INDEX@
local known, resp, touched = {}, 2, false

local function refused(name)
  return {err = 'NOPERM partywall: command "' .. gsub(name, '|', ' ') .. '" is not open to scripts of tenants [command-not-allowed]'}
end

local function has_prefix(key) return type(key) == 'string' and sub(key, 1, PLEN) == P end
local function strip(key) if has_prefix(key) then return sub(key, AFTER) end return key end

-- What the table says of a command: '1' for one key at 1, a letter and more for the others, nil for
-- what it does not know.
local function look(name)
  if type(name) ~= 'string' then return nil end
  local low = lower(name)
  if not find(low, '^[%w_.-]+$') then return nil end
  local _, at = find(INDEX, '\n' .. low .. ' ', 1, true)
  local shape = at and match(INDEX, '^[^\n]+', at + 1)
  known[name] = shape
  return shape
end

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
    if looked > @WALK@ and cursor ~= '0' then
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

local run

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
    local low = lower(a[2])
    local full = lower(name) .. '|' .. low
    local _, at = nil, nil
    if find(low, '^[%w_-]+$') then _, at = find(INDEX, '\n' .. full .. ' ', 1, true) end
    if not at then return rpcall('?') end
    shape = match(INDEX, '^[^\n]+', at + 1)
    name, kind, rest = full, sub(shape, 1, 1), sub(shape, 2)
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

-- redis.pcall: an error is a table with `err`, in which the prefix is not shown.
run = function(...)
  local name, key = ...
  local n = select('#', ...)
  local shape = name ~= nil and (known[name] or look(name)) or nil
  local r
  if shape == '1' and type(key) == 'string' then
    if n == 2 then r = rpcall(name, P .. key)
    elseif n == 3 then r = rpcall(name, P .. key, (select(3, ...)))
    else r = rpcall(name, P .. key, select(3, ...)) end
  elseif shape == '-' then r = rpcall(...)
  else r = odd(shape, name, n, ...) end
  if type(r) == 'table' and r.err and find(r.err, P, 1, true) then
    local parts, from = {}, 1
    while true do
      local at, to = find(r.err, P, from, true)
      if not at then break end
      parts[#parts + 1] = sub(r.err, from, at - 1)
      from = to + 1
    end
    r.err = concat(parts) .. sub(r.err, from)
  end
  return r
end

local function call(...)
  local r = run(...)
  if type(r) == 'table' and r.err then error(r) end
  return r
end

local function may(...)
  local name = ...
  local n = select('#', ...)
  local a = texts(n, ...)
  if n == 0 or not a then return rredis.acl_check_cmd(...) end
  local shape = look(name)
  if not shape then return rredis.acl_check_cmd('?') end
  if shape == 'c' and a[2] then
    local _, at = find(INDEX, '\n' .. lower(name) .. '|' .. lower(a[2]) .. ' ', 1, true)
    shape = at and match(INDEX, '^[^\n]+', at + 1)
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

local OPEN = ' error_reply status_reply sha1hex set_repl replicate_commands REPL_ALL REPL_AOF REPL_NONE REPL_REPLICA REPL_SLAVE LOG_DEBUG LOG_VERBOSE LOG_NOTICE LOG_WARNING REDIS_VERSION REDIS_VERSION_NUM SERVER_NAME VALKEY_VERSION VALKEY_VERSION_NUM '
local redis = rsetmeta({call = call, pcall = run}, {__index = function(_, key)
  if type(key) ~= 'string' then return nil end
  if find(OPEN, ' ' .. key .. ' ', 1, true) then return rredis[key] end
  if key == 'setresp' then return respond end
  if key == 'log' then return log end
  if key == 'acl_check_cmd' then return may end
  if key == 'breakpoint' then return function() return false end end
  if key == 'debug' then return function() end end
  return nil
end})

local closed = function() error('partywall: this function is not open to tenants [function-not-allowed]', 2) end

-- cjson keeps its settings for everyone: a script that changes one gets an instance of its own.
local cjson
cjson = rsetmeta({encode = rcjson.encode, decode = rcjson.decode, null = rcjson.null, _NAME = rcjson._NAME, _VERSION = rcjson._VERSION}, {__index = function(own, key)
  if type(key) ~= 'string' then return nil end
  if key == 'new' then return closed end
  if not find(' encode_sparse_array encode_max_depth decode_max_depth encode_number_precision encode_keep_buffer encode_invalid_numbers decode_invalid_numbers ', ' ' .. key .. ' ', 1, true) then return nil end
  local instance = rcjson.new()
  own.encode, own.decode = instance.encode, instance.decode
  for name, value in next, instance do
    if find(name, '^..code_') and name ~= 'decode_array_with_array_mt' then own[name] = value end
  end
  return own[key]
end})

local function getmetatable(...)
  if type((...)) == 'string' then return {__index = string} end
  return rmeta(...)
end

local function setmetatable(...)
  touched = true
  return rsetmeta(...)
end

local function collectgarbage(option)
  if option == nil or option == 'collect' or option == 'count' or option == 'step' then return 0 end
  error('partywall: the garbage collector is not open to tenants [function-not-allowed]', 2)
end
local function gcinfo() return 0 end

local shadows

-- A text that is a chunk by itself is one inside of a function, too; and there it sees the shadows.
local function loadstring(text, chunk)
  if type(text) ~= 'string' and type(text) ~= 'number' then return compile(text) end
  text = tostring(text)
  if chunk == nil then chunk = text end
  -- Never byte code.
  if sub(text, 1, 1) == '\27' then text = ' ' .. text end
  local made, wrong = compile(text, chunk)
  if not made then return nil, wrong end
  made, wrong = compile('local @NAMES@ = ... return function(...) ' .. text .. '\nend', chunk)
  if not made then return nil, wrong end
  return made(shadows())
end

local function load(pieces, chunk)
  if type(pieces) ~= 'function' then return compile(pieces) end
  local parts = {}
  while true do
    local piece = pieces()
    if piece == nil or piece == '' then break end
    if type(piece) ~= 'string' then return nil, 'reader function must return a string' end
    parts[#parts + 1] = piece
  end
  return loadstring(concat(parts), chunk or '=(load)')
end

local PLAIN = ' string table math bit struct cmsgpack os coroutine assert error ipairs next pairs pcall rawequal rawget rawset select tonumber tostring type unpack xpcall _VERSION '
local map
local _G
_G = rsetmeta({}, {
  __index = function(_, key)
    if not map then
      local values = {shadows()}
      local i = 0
      map = {}
      for name in gmatch('@NAMES@', '[^,]+') do
        i = i + 1
        map[name] = values[i]
      end
    end
    local value = map[key]
    if value == nil and type(key) == 'string' and find(PLAIN, ' ' .. key .. ' ', 1, true) then value = rawget(G, key) end
    if value == nil then error("Script attempted to access nonexistent global variable '" .. tostring(key) .. "'", 2) end
    return value
  end,
  __newindex = function() error('Attempt to modify a readonly table', 2) end,
  __metatable = false,
})

shadows = function() return @VALUES@ end

-- The server dies of a metatable on a table that it replies with.
local function clean(value, seen)
  if type(value) ~= 'table' then return value end
  if seen[value] then return seen[value] end
  local out = rmeta(value) == nil and value or {}
  seen[value] = out
  for key, item in next, value do out[key] = clean(item, seen) end
  return out
end

-- What the server's own handler does, without our lines.
local function on_error(e)
  local text, ignore
  if type(e) == 'table' then
    text, ignore = rawget(e, 'err'), rawget(e, 'ignore_error_stats_update')
    if type(text) == 'number' then text = tostring(text) end
    if type(text) ~= 'string' then text = 'ERR unknown error' end
  else
    text = 'ERR ' .. tostring(e)
  end
  local source, line, ours = '@user_script', @LINE@ - 1, false
  for level = 3, 40 do
    local _, place = pcall(error, '', level)
    local chunk, at = match(place, '^(.*):(%d+): $')
    at = tonumber(at)
    if chunk == 'user_script' and at >= @LINE@ then ours = true
    elseif chunk then
      source, line = '@' .. chunk, at
      break
    elseif ours then break end
  end
  text = gsub(text, '^ERR user_script:(%d+): ', function(at)
    if tonumber(at) >= @LINE@ then return 'ERR user_script:' .. line .. ': ' end
  end)
  return {text, source, line, ignore}
end

local ok, result = xpcall(function() return body(shadows()) end, on_error)
if ok then
  if touched then return clean(result, {}) end
  return result
end
if type(result) ~= 'table' then result = {'ERR ' .. tostring(result), '@user_script', @LINE@ - 1} end
error(rsetmeta({err = result[1], ignore_error_stats_update = result[4]}, {
  __index = {source = result[2], line = result[3]},
  __newindex = function() end,
}))
