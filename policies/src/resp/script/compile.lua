local G, compile, gmatch = _G, loadstring, string.gmatch

-- A text that is a chunk by itself is one inside of a function as well; and there it sees the
-- shadows. A first sign of byte code is kept from being the first.
local function loadstring(text, chunk)
  if type(text) ~= 'string' and type(text) ~= 'number' then return compile(text) end
  text = tostring(text)
  if chunk == nil then chunk = text end
  if sub(text, 1, 1) == '\27' then text = ' ' .. text end
  local made, wrong = compile(text, chunk)
  if not made then return nil, wrong end
  made, wrong = compile('local `NAMES` = ... return function(...) ' .. text .. '\nend', chunk)
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

local by_name
local function global(_, name)
  if not by_name then
    local values, i = {shadows()}, 0
    by_name = {}
    for shadow in gmatch('`NAMES`', '[^,]+') do
      i = i + 1
      by_name[shadow] = values[i]
    end
  end
  local value = by_name[name]
  if value == nil and type(name) == 'string' and find('`PLAIN`', ' ' .. name .. ' ', 1, true) then
    value = rawget(G, name)
  end
  if value == nil then
    error("Script attempted to access nonexistent global variable '" .. tostring(name) .. "'", 2)
  end
  return value
end

local _G = rsetmeta({}, {
  __index = global,
  __newindex = function() error('Attempt to modify a readonly table', 2) end,
  __metatable = false,
})
