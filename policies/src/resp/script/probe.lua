local names = {}
local function add(name) names[#names + 1] = name end
local function look(name, value)
  add(name)
  if type(value) ~= 'table' or value == _G then return end
  if name ~= 'KEYS' and name ~= 'ARGV' and pcall(rawset, value, 'partywall', nil) then add('!' .. name) end
  for field in pairs(value) do add(name .. '.' .. tostring(field)) end
end
for name, value in pairs(_G) do look(tostring(name), value) end
if pcall(rawset, _G, 'partywall', nil) then add('!_G') end
if loadstring('return [[ [[ ]] ]]') then add('?') end
return names
