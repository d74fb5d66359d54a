shadows = function() return `VALUES` end

-- What the server's own handler does, for lines of the client's.
local function on_error(failure)
  local text, ignore
  if type(failure) == 'table' then
    text, ignore = rawget(failure, 'err'), rawget(failure, 'ignore_error_stats_update')
    if type(text) == 'number' then text = tostring(text) end
    if type(text) ~= 'string' then text = 'ERR unknown error' end
  else
    text = 'ERR ' .. tostring(failure)
  end
  local source, line, ours = '@user_script', `LINE` - 1, false
  for level = 3, 40 do
    local _, place = pcall(error, '', level)
    local chunk, at = match(place, '^(.*):(%d+): $')
    at = tonumber(at)
    if chunk == 'user_script' and at >= `LINE` then
      ours = true
    elseif chunk then
      source, line = '@' .. chunk, at
      break
    elseif ours then
      -- Called in place of its caller, whose line is lost.
      break
    end
  end
  text = gsub(text, '^ERR user_script:(%d+): ', function(at)
    if tonumber(at) >= `LINE` then return 'ERR user_script:' .. line .. ': ' end
  end)
  return {text, source, line, ignore}
end

local ok, result = xpcall(function()
  local result = body(shadows())
  if clean then return clean(result, {}) end
  return result
end, on_error)
if ok then return result end
-- A handler that fails gives a text.
if type(result) ~= 'table' then
  result = {'ERR ' .. tostring(result), '@user_script', `LINE` - 1}
end
-- The server's handler writes its own line into the table: ours stays.
error(rsetmeta({err = result[1], ignore_error_stats_update = result[4]}, {
  __index = {source = result[2], line = result[3]},
  __newindex = function() end,
}))
