-- What follows the client's script, which stands before it as the function `body`. Its parameters
-- are the shadows below; no local of ours is in its scope. Which parts there are, and what stands
-- between two backticks, is put together in `wrapper.rs`.
local K, A = KEYS, ARGV
local type, error, rawget, next = type, error, rawget, next
local tostring, tonumber = tostring, tonumber
local pcall, xpcall, rsetmeta = pcall, xpcall, setmetatable
local sub, find, match, gsub = string.sub, string.find, string.match, string.gsub
local concat = table.concat
local shadows, clean

-- The prefix travels as the last argument. What the client named takes its place again.
local P = A[#A]
if type(P) ~= 'string' or P == '' then error('partywall: no prefix', 0) end
A[#A] = nil
local AFTER = #P + 1
for i = 1, #K do K[i] = sub(K[i], AFTER) end
