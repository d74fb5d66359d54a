local op, prefix, pattern, cursor, count, budget, kind, strip, whole = unpack(ARGV)
count, budget, strip, whole = tonumber(count), tonumber(budget), tonumber(strip), whole == '1'
local found, number, looked, wrapped = {}, 0, 0, false
local failed
local function page()
  local reply
  if kind == '' then
    reply = redis.pcall('SCAN', cursor, 'MATCH', pattern, 'COUNT', count)
  else
    reply = redis.pcall('SCAN', cursor, 'MATCH', pattern, 'COUNT', count, 'TYPE', kind)
  end
  if reply.err then
    failed = reply
    return
  end
  cursor = reply[1]
  looked = looked + count
  for _, key in ipairs(reply[2]) do
    if string.sub(key, 1, #prefix) == prefix then
      number = number + 1
      if op == 'unlink' then
        -- One by one: the keys of one command must lie in one slot of a cluster.
        redis.call('UNLINK', key)
      elseif op ~= 'count' then
        found[number] = string.sub(key, strip + 1)
      end
    end
  end
end
if op == 'random' then
  local now = redis.call('TIME')
  math.randomseed(tonumber(now[2]) * 1000 + tonumber(now[1]) % 1000)
  if cursor == 'any' then cursor = string.format('%.0f', math.random(0, 1073741823)) end
end
repeat
  page()
  if failed then return failed end
  if op == 'random' and whole and number == 0 and cursor == '0' and not wrapped then
    wrapped = true
    page()
    if failed then return failed end
  end
until cursor == '0' or looked >= budget or (op == 'scan' and number >= count)
  or (op == 'random' and number > 0)
if op == 'random' and number > 0 then found = {found[math.random(number)]} end
if op == 'scan' then return {cursor, found} end
if op == 'count' then found = number end
if not whole then return {cursor, found} end
if cursor ~= '0' and not (op == 'random' and number > 0) then
  return redis.error_reply('ERR partywall: the key space is too large to be looked at inside of MULTI [key-space-too-large]')
end
if op == 'keys' or op == 'count' then return found end
if op == 'random' then return found[1] or false end
return redis.status_reply('OK')
