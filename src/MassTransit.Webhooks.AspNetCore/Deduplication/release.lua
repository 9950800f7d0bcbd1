--[[
  Forget the claims on the keys of a webhook that are still the caller's.
  KEYS[1..n] claim strings
  ARGV[1] value of the caller's claim
  Returns  how many were forgotten; the others are another's, accepted, or gone
]]
local forgotten = 0
for _, key in ipairs(KEYS) do
  if redis.call('GET', key) == ARGV[1] then
    forgotten = forgotten + redis.call('DEL', key)
  end
end
return forgotten
