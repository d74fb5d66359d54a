-- What would change the state that all scripts share, or show it.
local function closed()
  error('partywall: this function is not open to scripts of tenants [function-not-allowed]', 2)
end

local function gcinfo() return 0 end

local function collectgarbage(option)
  if option == nil or option == 'collect' or option == 'count' or option == 'step' then return 0 end
  closed()
end
