-- cjson keeps its settings for everyone: a script that changes one gets an instance of its own.
local rcjson = cjson
local SETTINGS = ' encode_sparse_array encode_max_depth decode_max_depth encode_number_precision'
  .. ' encode_keep_buffer encode_invalid_numbers decode_invalid_numbers '
local cjson = rsetmeta({
  encode = rcjson.encode,
  decode = rcjson.decode,
  null = rcjson.null,
  _NAME = rcjson._NAME,
  _VERSION = rcjson._VERSION,
}, {__index = function(own, name)
  if type(name) ~= 'string' or not find(SETTINGS, ' ' .. name .. ' ', 1, true) then return nil end
  local instance = rcjson.new()
  own.encode, own.decode = instance.encode, instance.decode
  for field, value in next, instance do
    if find(SETTINGS, ' ' .. field .. ' ', 1, true) then own[field] = value end
  end
  return own[name]
end})
