-- Commands with ways of their own, and the rest of the shadow.
local specified = by_specification()
local refused, texts, by_specs = specified.refused, specified.texts, specified.by_specs
local strip, has_prefix = specified.strip, specified.has_prefix

-- What stands behind a word that is not known might be keys: the server is to refuse it, in its own
-- words, and can do no harm if it does not.
local function prefix_rest(a, from, to)
  for i = from, to do a[i] = P .. a[i] end
end

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
    else
      prefix_rest(a, i + 1, n)
      break
    end
  end
  return rpcall(unpack(a, 1, n))
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
  return rpcall(unpack(a, 1, n))
end

-- XREAD and XREADGROUP: words before STREAMS, with how many they are.
local stream_words = {block = 2, count = 2, group = 3, noack = 1, claim = 2}
local function prefix_streams(a, n)
  local i = 2
  while i <= n do
    local word = lower(a[i])
    if word == 'streams' then
      local half = (n - i - (n - i) % 2) / 2
      return prefix_rest(a, i + 1, i + half)
    end
    if not stream_words[word] then return prefix_rest(a, i + 1, n) end
    i = i + stream_words[word]
  end
end

local function streams(a, n)
  prefix_streams(a, n)
  local r = rpcall(unpack(a, 1, n))
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
      return {
        err = 'ERR partywall: the key space is too large to be looked at inside of a script'
          .. ' [key-space-too-large]',
      }
    end
    local failed = each(r[2])
    if failed then return failed end
  until cursor == '0'
end

-- The tenant's keys that match, and how many they are; or the error.
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

-- FLUSHDB and FLUSHALL [ASYNC | SYNC]
local function flush(a, n)
  if n > 2 or n == 2 and lower(a[2]) ~= 'async' and lower(a[2]) ~= 'sync' then
    return {err = 'ERR syntax error'}
  end
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

-- RANDOMKEY: the server's own, while it finds the tenant's soon.
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

-- redis.acl_check_cmd
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
  elseif kind == 'a' then for i = 2, n do a[i] = P .. a[i] end
  elseif kind == 'k' or kind == 'p' then by_specs(a, n, sub(shape, 2))
  elseif kind ~= '-' then return true end
  return rredis.acl_check_cmd(unpack(a, 1, n))
end

-- redis.setresp
local function respond(version)
  rredis.setresp(version)
  resp = version
end

-- redis.log: the server's log is not the tenant's.
local function log(...)
  local level = ...
  if select('#', ...) < 2 then error('redis.log() requires two arguments or more.', 2) end
  if type(level) ~= 'number' then error('First argument must be a number (log level).', 2) end
  if level < 0 or level > 3 then error('Invalid log level.', 2) end
end

-- What is shown of the server's table as it is.
local OPEN = ' error_reply status_reply sha1hex set_repl replicate_commands'
  .. ' REPL_ALL REPL_AOF REPL_NONE REPL_REPLICA REPL_SLAVE'
  .. ' LOG_DEBUG LOG_VERBOSE LOG_NOTICE LOG_WARNING'
  .. ' REDIS_VERSION REDIS_VERSION_NUM SERVER_NAME VALKEY_VERSION VALKEY_VERSION_NUM '
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

own_way = {
  sort = sort,
  georadius = function(a, n) return radius(a, n, 6) end,
  georadiusbymember = function(a, n) return radius(a, n, 5) end,
  streams = streams,
  scan = scan,
  copy = copy,
  flush = flush,
  keys = function(a, n)
    if n ~= 2 then return rpcall(unpack(a, 1, n)) end
    return (keys(a[2]))
  end,
  dbsize = function(a, n)
    if n ~= 1 then return rpcall(unpack(a, 1, n)) end
    local failed, number = keys('*')
    return failed.err and failed or number
  end,
  randomkey = function(a, n)
    if n ~= 1 then return rpcall(unpack(a, 1, n)) end
    return random_key()
  end,
  select = function(a, n)
    if n == 2 and a[2] == '0' then return {ok = 'OK'} end
    return refused('select')
  end,
  field = field,
}
