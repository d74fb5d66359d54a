-- All strings share one metatable: it is shown as a copy.
local rmeta = getmetatable
local function getmetatable(...)
  if type((...)) == 'string' then return {__index = string} end
  return rmeta(...)
end

-- A server dies of an error reply whose table has a metatable that fails. So a script that sets
-- metatables replies with a copy that has none.
local function cleaned(value, seen)
  if type(value) ~= 'table' then return value end
  if seen[value] then return seen[value] end
  local copy = {}
  seen[value] = copy
  for key, item in next, value do copy[cleaned(key, seen)] = cleaned(item, seen) end
  return copy
end

local function setmetatable(...)
  clean = cleaned
  return rsetmeta(...)
end
