"""Scripts as applications send them, and as attackers would: name, script, keys, arguments.

An ordinary script gives the same reply through the wall as bare on a private server, byte for byte,
and leaves the same keys. A hostile one may be refused; it shows nothing of another tenant and
leaves nothing behind.
"""

FILL = [
    ("SET", "greeting", "hello"),
    ("SET", "count", "10"),
    ("RPUSH", "queue", "3", "1", "2"),
    ("HSET", "user:1", "name", "Ann", "age", "7"),
    ("HSET", "user:2", "name", "Bob", "age", "5"),
    ("HSET", "user:3", "name", "Cid", "age", "9"),
    ("SADD", "tags", "red"),
    ("ZADD", "scores", "1", "a", "2", "b", "3", "c"),
    ("GEOADD", "places", "13.361389", "38.115556", "Palermo", "15.087269", "37.502669", "Catania"),
    ("XADD", "log", "1-1", "said", "one"),
    ("XADD", "log", "2-1", "said", "two"),
    ("XGROUP", "CREATE", "log", "readers", "0"),
    ("PFADD", "visitors", "a", "b"),
]

RELEASE = """
if redis.call("get", KEYS[1]) == ARGV[1] then
    return redis.call("del", KEYS[1])
else
    return 0
end
"""

WINDOW = """
local key, now, window, limit = KEYS[1], tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
redis.call('ZREMRANGEBYSCORE', key, 0, now - window)
local used = redis.call('ZCARD', key)
if used < limit then
  redis.call('ZADD', key, now, ARGV[4])
  redis.call('PEXPIRE', key, window)
  return {1, limit - used - 1}
end
return {0, 0}
"""

BUCKET = """
local bucket = redis.call('HMGET', KEYS[1], 'tokens', 'at')
local tokens, at = tonumber(bucket[1]) or tonumber(ARGV[1]), tonumber(bucket[2]) or 0
tokens = math.min(tonumber(ARGV[1]), tokens + (tonumber(ARGV[2]) - at) * 0.5)
local allowed = tokens >= 1
if allowed then tokens = tokens - 1 end
redis.call('HSET', KEYS[1], 'tokens', tokens, 'at', ARGV[2])
return {allowed and 1 or 0, tostring(tokens)}
"""

# In the manner of job queues: names are made from a base that is a key, arguments are packed.
ADD_JOB = """
local base = KEYS[1]
local packed = cmsgpack.unpack(ARGV[1])
local id = redis.call("INCR", base .. ":id")
local job = base .. ":" .. id
redis.call("HMSET", job, "name", packed[1], "data", packed[2], "priority", packed[3])
redis.call("XADD", base .. ":events", "1-" .. id, "event", "added", "jobId", id)
if packed[3] > 0 then
  redis.call("ZADD", base .. ":prioritized", packed[3], id)
else
  redis.call("LPUSH", base .. ":wait", id)
end
local moved = redis.call("RPOPLPUSH", base .. ":wait", base .. ":active")
return {id .. "", moved, redis.call("HGETALL", job), redis.call("EXISTS", job, base .. ":wait")}
"""

MANY = """
local function deep(n) if n == 0 then return 0 end return 1 + deep(n - 1) end
local sum = 0
for i = 1, 2000 do
  redis.call('HINCRBY', KEYS[1], 'f' .. i % 7, i)
  sum = sum + i
end
return {sum, deep(500), redis.call('HLEN', KEYS[1])}
"""

CLASSES = """
local Queue = {}
Queue.__index = Queue
function Queue.new(name) return setmetatable({name = name}, Queue) end
function Queue:push(value) return redis.call('RPUSH', self.name, value) end
function Queue:all() return redis.call('LRANGE', self.name, 0, -1) end
local queue = Queue.new(KEYS[1])
queue:push('x')
queue:push('y')
return {queue:all(), setmetatable({1, 2}, Queue)}
"""

ORDINARY = [
    ("nothing", "return nil", [], []),
    ("empty text", "", [], []),
    ("a comment only", "-- nothing", [], []),
    ("ends in a comment", "return 7 -- end", [], []),
    ("types", "return {1, 2.9, 'x', true, false, {ok = 'fine'}, {3, {4}}, nil, 5}", [], []),
    ("keys and arguments", "return {KEYS, ARGV, #KEYS, #ARGV}", ["a", "b"], ["x", "", "y"]),
    ("no arguments", "return {#KEYS, #ARGV, tostring(ARGV[1])}", [], []),
    (
        "arguments may be changed",
        "KEYS[1] = 'count' ARGV[#ARGV + 1] = 'z' table.remove(ARGV, 1) "
        "return {redis.call('get', KEYS[1]), ARGV, unpack(ARGV)}",
        ["greeting"],
        ["x", "y"],
    ),
    ("lock release", RELEASE, ["greeting"], ["hello"]),
    ("lock not released", RELEASE, ["greeting"], ["another"]),
    ("sliding window", WINDOW, ["window"], ["1000", "60000", "2", "one"]),
    ("token bucket", BUCKET, ["bucket"], ["5", "3"]),
    ("job queue", ADD_JOB, ["bull:mail"], [b"\x93\xa4mail\xa2{}\x00"]),
    ("job queue with priority", ADD_JOB, ["bull:mail"], [b"\x93\xa4mail\xa2{}\x05"]),
    ("names made in the script", "return redis.call('GET', 'gree' .. 'ting')", [], []),
    ("several keys", "return redis.call('mget', 'greeting', KEYS[1], 'none')", ["count"], []),
    (
        "pairs of keys",
        "redis.call('mset', 'a', 1, 'b', 2) return redis.call('mget', 'a', 'b')",
        [],
        [],
    ),
    (
        "numbers as arguments",
        "redis.call('set', 'n', 3.5) redis.call('set', 12, 1e3) redis.call('incrby', 12, 2) "
        "return {redis.call('get', 'n'), redis.call('get', 12), redis.call('get', '12')}",
        [],
        [],
    ),
    (
        "counted keys",
        "return {redis.call('zunionstore', 'all', 2, 'scores', KEYS[1], 'weights', 1, 2), "
        "redis.call('zinter', 2, 'scores', 'all', 'withscores'), redis.call('sintercard', 1, 'tags')}",
        ["scores"],
        [],
    ),
    (
        "counted keys that lie",
        "return {redis.pcall('zunion', 3, 'scores', 'all'), "
        "redis.pcall('zunion', -1, 'scores'), redis.pcall('zunion', 'x', 'scores'), "
        "redis.pcall('zunion', 0), redis.pcall('lmpop', 2, 'queue', 'LEFT')}",
        [],
        [],
    ),
    (
        "pops name their key",
        "return {redis.call('lmpop', 2, 'none', 'queue', 'LEFT'), "
        "redis.call('zmpop', 1, 'scores', 'MAX'), redis.call('lmpop', 1, 'none', 'LEFT')}",
        [],
        [],
    ),
    (
        "bits of keys",
        "return {redis.call('bitop', 'and', 'out', 'greeting', 'greeting'), "
        "redis.call('strlen', 'out'), redis.call('bitcount', 'greeting')}",
        [],
        [],
    ),
    (
        "sort by",
        "return redis.call('sort', 'queue', 'by', 'user:*->age', 'get', '#', 'get', "
        "'user:*->name', 'desc')",
        [],
        [],
    ),
    (
        "sort into",
        "return {redis.call('sort', 'queue', 'limit', 0, 2, 'store', 'sorted'), "
        "redis.call('lrange', 'sorted', 0, -1), redis.call('sort', 'queue', 'by', 'nosort')}",
        [],
        [],
    ),
    (
        "georadius into",
        "return {redis.call('georadius', 'places', 15, 37, 200, 'km', 'store', "
        "'near'), redis.call('zrange', 'near', 0, -1), redis.call('georadiusbymember', 'places', "
        "'Palermo', 500, 'km', 'count', 1, 'storedist', 'nearer'), redis.call('zcard', 'nearer')}",
        [],
        [],
    ),
    (
        "streams",
        "return {redis.call('xread', 'count', 1, 'streams', 'log', KEYS[1], '0', '0'), "
        "redis.call('xreadgroup', 'group', 'readers', 'me', 'streams', 'log', '>')}",
        ["other"],
        [],
    ),
    (
        "streams in RESP3",
        "redis.setresp(3) return redis.call('xread', 'streams', 'log', '0')",
        [],
        [],
    ),
    (
        "no such group",
        "return redis.pcall('xreadgroup', 'group', 'none', 'me', 'streams', 'log', '>')",
        [],
        [],
    ),
    (
        "no such group, raised",
        "return redis.call('xreadgroup', 'group', 'none', 'me', 'streams', 'other', '>')",
        [],
        [],
    ),
    (
        "copies",
        "return {redis.call('copy', 'greeting', 'copied'), redis.call('copy', 'greeting', "
        "'copied', 'replace'), redis.call('rename', 'copied', 'renamed'), redis.call('get', 'renamed')}",
        [],
        [],
    ),
    (
        "subcommands",
        "return {redis.call('object', 'encoding', 'count'), redis.call('xinfo', "
        "'groups', 'log')[1][2], redis.call('xgroup', 'create', 'log', 'more', '$'), "
        "redis.call('object', 'help')[1] ~= nil}",
        [],
        [],
    ),
    (
        "counts its keys",
        "return {redis.call('dbsize'), redis.call('exists', 'greeting', 'none')}",
        [],
        [],
    ),
    (
        "lists its keys",
        "local keys = redis.call('keys', 'user:*') table.sort(keys) return keys",
        [],
        [],
    ),
    (
        "scans its keys",
        "local found, cursor = {}, '0' repeat local page = redis.call('scan', cursor, "
        "'match', '*r:*', 'count', 3) cursor = page[1] for _, key in ipairs(page[2]) do "
        "found[#found + 1] = key end until cursor == '0' table.sort(found) return found",
        [],
        [],
    ),
    (
        "empties its database",
        "redis.call('flushall') return {redis.call('dbsize'), "
        "redis.call('randomkey'), redis.call('keys', '*'), redis.call('exists', 'greeting')}",
        [],
        [],
    ),
    ("selects the database it is in", "return redis.call('select', 0)", [], []),
    ("publishes", "return redis.call('publish', 'news', 'x')", [], []),
    (
        "hyperloglog",
        "redis.call('pfmerge', 'all', 'visitors', KEYS[1]) "
        "return {redis.call('pfcount', 'all', 'visitors')}",
        ["none"],
        [],
    ),
    (
        "cjson",
        "local it = cjson.decode(ARGV[1]) it.b = {1, 2} return {cjson.encode(it.b), "
        "tostring(it.n == cjson.null), it.a, cjson.encode({x = 0.1})}",
        [],
        ['{"a":"x","n":null}'],
    ),
    (
        "cjson with settings",
        "cjson.encode_sparse_array(true, 1, 1) cjson.encode_number_precision(3) "
        "cjson.encode_keep_buffer(false) return {cjson.encode({1 / 3}), cjson.encode({[100] = 1})}",
        [],
        [],
    ),
    ("cjson that fails", "return {pcall(cjson.decode, '{')}", [], []),
    ("cmsgpack", "return cmsgpack.pack({1, 'x', {a = true}}, 2)", [], []),
    (
        "struct and bit",
        "return {struct.pack('>I2hb', 258, -2, 7), bit.band(255, 15), "
        "bit.tohex(43981), {struct.unpack('>I2', string.char(1, 2))}}",
        [],
        [],
    ),
    (
        "strings",
        "return {('x'):rep(3), ('a,b'):gsub(',', ';'), string.format('%5.2f|%q', 3.14159, "
        "'a\"b'), ('key=value'):match('(%w+)=(%w+)'), #'four', ('abc'):byte(1, -1)}",
        [],
        [],
    ),
    (
        "tables",
        "local t = {3, 1, 2} table.sort(t, function(a, b) return a > b end) "
        "table.insert(t, 1, 9) return {table.concat(t, '-'), unpack(t)}",
        [],
        [],
    ),
    ("classes", CLASSES, ["classes"], []),
    (
        "coroutines",
        "local next = coroutine.wrap(function() for i = 1, 3 do "
        "coroutine.yield(redis.call('incr', 'count')) end end) return {next(), next(), next()}",
        [],
        [],
    ),
    ("many calls", MANY, ["many"], []),
    (
        "compiles",
        "local made = loadstring('local a = ... return {a, KEYS[1], "
        "redis.call([[get]], KEYS[1])}') return made('x')",
        ["greeting"],
        [],
    ),
    (
        "compiles in pieces",
        "local parts, i = {'return ', '1 ', '+ 1'}, 0 return load(function() "
        "i = i + 1 return parts[i] end)()",
        [],
        [],
    ),
    ("compiles in vain", "return {loadstring('return +', '=mine')}", [], []),
    (
        "globals by name",
        "return {type(_G.redis.call), _G.string == string, _G._G == _G, _G.KEYS[1]}",
        ["k"],
        [],
    ),
    (
        "own replies",
        "return {redis.status_reply('FINE'), redis.sha1hex('x'), "
        "redis.error_reply('MINE it failed'), redis.LOG_NOTICE, redis.REPL_ALL}",
        [],
        [],
    ),
    ("error reply", "return redis.error_reply('MINE it failed')", [], []),
    ("error table", "return {err = 'MINE it failed'}", [], []),
    ("logs", "redis.log(redis.LOG_WARNING, 'here', 'I am') return redis.breakpoint()", [], []),
    ("replicates", "redis.set_repl(redis.REPL_ALL) return redis.replicate_commands()", [], []),
    (
        "may it",
        "return {redis.acl_check_cmd('get', 'greeting'), redis.acl_check_cmd('mget', 'a', "
        "'b'), redis.acl_check_cmd('xinfo', 'stream', 'log')}",
        [],
        [],
    ),
    (
        "RESP3",
        "redis.setresp(3) return {redis.call('hgetall', 'user:1'), redis.call('get', 'none'), "
        "redis.call('smembers', 'tags'), {double = 1.5}, {map = {a = 1}}, {set = {b = true}}, true}",
        [],
        [],
    ),
    ("shebang", "#!lua flags=no-writes\nreturn redis.call('get', KEYS[1])", ["greeting"], []),
    (
        "shebang that must not write",
        "#!lua flags=no-writes\n\nreturn redis.call('set', 'a', 1)",
        [],
        [],
    ),
    ("shebang and emptying", "#!lua flags=no-writes\nreturn redis.call('flushall')", [], []),
    ("shebang with a flag of nobody", "#!lua flags=nothing\nreturn 1", [], []),
    ("shebang of nobody", "#!lua name=x\nreturn 1", [], []),
    ("error with a line", "local x = 1\n\nerror('mine')", [], []),
    ("error without a line", "\n error('mine', 0)", [], []),
    ("error in a function", "local function f(x)\n  return x.y\nend\n\nf(nil)\nreturn 1", [], []),
    ("error of a library", "local a\nlocal b = string.rep()\nreturn 1", [], []),
    ("error as a table", "error({err = 'MINE as a table'})", [], []),
    ("error of a command", "local x = redis.call('incr', KEYS[1])\nreturn x", ["queue"], []),
    (
        "error of a command in a function",
        "local function add()\n  local x = redis.call('incr', KEYS[1])\n  return x\nend\n\nadd()",
        ["queue"],
        [],
    ),
    ("error at the end", "return redis.call('incr', KEYS[1])", ["queue"], []),
    (
        "error at the end, several lines",
        "local key = KEYS[1]\nif key then\n  return redis.call('incr', key)\nend\n\nreturn 1",
        ["queue"],
        [],
    ),
    (
        "error held",
        "local ok, why = pcall(redis.call, 'incr', 'queue') return {tostring(ok), why}",
        [],
        [],
    ),
    (
        "error as a reply",
        "local reply = redis.pcall('incr', 'queue') return {reply.err, type(reply)}",
        [],
        [],
    ),
    (
        "error handled",
        "return {xpcall(function() redis.call('incr', 'queue') end, function(e) "
        "return 'held ' .. e.err end)}",
        [],
        [],
    ),
    ("no arguments at all", "return redis.call()", [], []),
    (
        "too few arguments",
        "return {redis.pcall('get'), redis.pcall('set', 'a'), redis.pcall('mget')}",
        [],
        [],
    ),
    ("no text as argument", "return redis.call('set', 'a', {})", [], []),
    ("no key", "return redis.call('get', KEYS[1])", [], []),
    ("no such command", "return redis.call('nonesuch', 'a')", [], []),
    (
        "not from scripts",
        "return {redis.pcall('subscribe', 'a'), redis.pcall('multi'), "
        "redis.pcall('eval', 'return 1', 0), redis.pcall('blpop', 'queue', 0)}",
        [],
        [],
    ),
    ("no such global", "return nonesuch", [], []),
    ("no such field", "return redis.nonesuch", [], []),
    ("writes a global", "mine = 1 return mine", [], []),
    ("writes a library", "string.mine = 1", [], []),
    ("does not compile", "retrun 1", [], []),
    ("does not compile at its end", "local x =\n  1 +", [], []),
    ("a function without end", "local function f()\n  return 1\n", [], []),
    ("an end too many", "return 1 end", [], []),
    ("a string without end", "return 'x", [], []),
    (
        "long strings",
        "return {[[a]], [==[b]]c]==], #[[\n\nend]], --[[ end ]] 'end', --[=[\n]=] 1}",
        [],
        [],
    ),
    (
        "varargs",
        "local function count(...) return select('#', ...) end "
        "return {count(nil, nil), select('#', ...)}",
        [],
        [],
    ),
]

# What every hostile script tries to see, or to reach: keys of another tenant.
HOSTILE = [
    ("names the other's key", "return redis.call('get', ARGV[1])"),
    ("the function's end", "return 1 end return redis.call('get', ARGV[1])"),
    ("the function's end, hidden", "do return 1 end end local body = redis do return body end"),
    ("ends in a long comment", "return 1 --[["),
    ("ends in a string", "return 1 .. [["),
    ("an end behind a quote", "local x = '\\\\' end return redis --'"),
    ("an end behind a number", "return 1end return redis"),
    ("an end behind a comment's end", "--[=[ ]] ]=] end return redis"),
    ("an end behind a carriage return", "--\rend return redis.call('get', ARGV[1])"),
    ("repeat and end", "repeat end until true return 1"),
    ("NUL", "return 1 \0 end return redis"),
    ("byte code", "return loadstring(string.dump(function() return redis end))()"),
    ("byte code by hand", "return loadstring('\\27Lua' .. string.rep('\\0', 100))"),
    ("compiled text", "return loadstring('return redis.call([[get]], ...)')(ARGV[1])"),
    (
        "compiled end",
        'return loadstring(\'return 1 end return function() return redis.call("get", '
        "\"' .. ARGV[1] .. '\") end')",
    ),
    ("compiled locals", "return loadstring('return {body, P, K, A, rpcall, rredis}')()"),
    ("locals", "return {body, P, K, A, rpcall, rredis}"),
    (
        "loaded text",
        "local i = 0 return load(function() i = i + 1 return ({'return ', "
        "'redis.call([[get]], [[', ARGV[1], ']])'})[i] end)()",
    ),
    ("globals table", "return _G.redis.call('get', ARGV[1])"),
    ("globals table, raw", "return rawget(_G, 'redis').call('get', ARGV[1])"),
    (
        "globals, listed",
        "local names = {} for name in pairs(_G) do names[#names + 1] = name end return names",
    ),
    ("globals' metatable", "return getmetatable(_G).__index(_G, 'redis').call('get', ARGV[1])"),
    ("environment", "return getfenv(1).redis.call('get', ARGV[1])"),
    ("environment of all", "return getfenv(0).redis.call('get', ARGV[1])"),
    ("environment of a shadow", "return getfenv(redis.call).redis.call('get', ARGV[1])"),
    ("environment of a library", "return getfenv(string.format).redis.call('get', ARGV[1])"),
    ("other environment", "setfenv(0, {}) return 1"),
    ("other environment of a shadow", "setfenv(redis.call, {}) return 1"),
    (
        "shadow's metatable",
        "local shown = getmetatable(redis) return {type(shown), "
        "shown.__index(redis, 'call')('get', ARGV[1])}",
    ),
    (
        "shadow changed",
        "getmetatable(redis).__index = function() return 1 end redis.call = nil "
        "cjson.encode = nil return redis.anything",
    ),
    (
        "strings' metatable",
        "getmetatable('').__index = function() return redis end return ('x'):upper()",
    ),
    ("strings' metatable, a field", "getmetatable('').__add = function() return 7 end return 1"),
    ("string library", "string.format = function() return 1 end"),
    ("string library, raw", "rawset(string, 'format', 1)"),
    ("table library", "table.insert(string, 1)"),
    ("metatable of a library", "setmetatable(string, {__index = function() return 1 end})"),
    ("metatable of all", "setmetatable(_G, {__index = function() return 1 end}) return nonesuch"),
    ("error handler", "return __redis__err__handler"),
    ("server's error handler", "return __server__err__handler"),
    ("Valkey's name", "return server.call('get', ARGV[1])"),
    (
        "cjson for all",
        "cjson.encode_max_depth(1) cjson.encode_sparse_array(true) "
        "cjson.decode_invalid_numbers(false) return 1",
    ),
    ("cjson, new", "local mine = cjson.new() mine.encode_max_depth(1) return 1"),
    (
        "a proxy that outlives",
        "local p = newproxy(true) getmetatable(p).__gc = function() "
        "redis.call('set', 'late', 1) end",
    ),
    ("garbage is kept", "collectgarbage('stop') return 1"),
    ("memory is counted", "return collectgarbage('count') + gcinfo()"),
    ("error table without text", "error({})"),
    ("error of nothing", "error()"),
    ("error that is a function", "error(redis.call)"),
    ("error with a metatable", "error(setmetatable({}, {__index = function() error('x') end}))"),
    (
        "reply with a metatable",
        "return setmetatable({err = 'x'}, {__index = function() error('y') end})",
    ),
    (
        "reply with a metatable inside",
        "return {{setmetatable({err = 'x'}, {__index = function() error('y') end})}}",
    ),
    (
        "reply that holds itself",
        "local t = setmetatable({}, {}) t[1] = {t.none, 1} t.map = nil t[2] = t.x return t",
    ),
    ("error in the handler", "return {xpcall(error, error)}"),
    ("stack's end", "local function f() return 1 + f() end f()"),
    (
        "stack's end, then a call",
        "local function f(n) local ok, why = pcall(redis.call, 'get', "
        "ARGV[1]) return why, f(n + 1) end return {pcall(f, 1)}",
    ),
    (
        "traceback",
        "return {xpcall(function() redis.call(nil) end, function(e) local all = {} "
        "for level = 1, 20 do all[#all + 1] = select(2, pcall(error, 'at', level)) end "
        "return table.concat(all, ' ') end)}",
    ),
    (
        "lists all",
        "return {redis.call('keys', '*'), redis.call('dbsize'), redis.call('scan', 0, "
        "'count', 1000), redis.call('randomkey')}",
    ),
    (
        "lists by a pattern",
        "return {redis.call('keys', '*:*'), redis.call('scan', 0, 'match', "
        "'tenant:*', 'match', '*'), redis.call('keys', '\\\\*')}",
    ),
    ("empties all", "redis.call('flushall', 'async') redis.call('flushdb')"),
    ("another database", "redis.call('select', 1) return redis.call('get', 'greeting')"),
    ("another database, copied", "redis.call('copy', 'greeting', 'x', 'db', 1) "),
    ("another database, moved", "return redis.call('move', 'greeting', 1)"),
    ("databases swapped", "return redis.call('swapdb', 0, 1)"),
    (
        "sort by the other's",
        "return redis.call('sort', 'queue', 'by', ARGV[1] .. '*', 'get', ARGV[1])",
    ),
    (
        "many tricks of names",
        "return {redis.pcall('get;', ARGV[1]), redis.pcall('get 1;set', "
        "ARGV[1]), redis.pcall('object|encoding', ARGV[1]), redis.pcall('', ARGV[1]), "
        "redis.pcall('config', 'get', '*'), redis.pcall('object', 'encoding 1;get', ARGV[1])}",
    ),
    (
        "counts that lie",
        "return {redis.pcall('zunion', 1e1, ARGV[1]), redis.pcall('zunion', "
        "'0x1', ARGV[1]), redis.pcall('zunion', ' 1', ARGV[1]), redis.pcall('zunion', '01', "
        "ARGV[1]), "
        "redis.pcall('lmpop', '1.0', ARGV[1], 'LEFT')}",
    ),
    (
        "streams that are none",
        "return {redis.pcall('xread', 'streams', ARGV[1]), "
        "redis.pcall('xread', 'nonesuch', 'streams', ARGV[1], '0'), redis.pcall('xread', 'count', "
        "'streams', 'streams', ARGV[1], '0')}",
    ),
    (
        "server's secrets",
        "return {redis.pcall('info'), redis.pcall('client', 'list'), "
        "redis.pcall('slowlog', 'get'), redis.pcall('memory', 'stats'), redis.pcall('acl', "
        "'list'), "
        "redis.pcall('pubsub', 'channels'), redis.pcall('cluster', 'nodes'), redis.pcall('debug', "
        "'object', 'greeting'), redis.pcall('script', 'flush'), redis.pcall('function', 'list')}",
    ),
    ("migrates", "return redis.pcall('migrate', '127.0.0.1', 1, ARGV[1], 0, 1)"),
    ("prefix in a value", "redis.call('set', 'mine', ARGV[1]) return redis.call('get', 'mine')"),
    (
        "prefix in an error",
        "return redis.pcall('xreadgroup', 'group', 'g', 'c', 'streams', ARGV[1], '>')",
    ),
    ("arguments beyond", "return {#ARGV, ARGV[0], ARGV[2], ARGV[#ARGV], table.maxn(ARGV)}"),
    ("keys beyond", "return {#KEYS, KEYS[0], KEYS[1], next(KEYS)}"),
    ("acl of the other's", "return redis.acl_check_cmd('config', 'get', 'x')"),
]
