--[[
  Forget a claim on a webhook, if it is still the caller's.
  KEYS[1] claim string
  ARGV[1] value of the caller's claim
  Returns  1 forgotten, 0 it is another's, accepted, or gone
]]
if redis.call('GET', KEYS[1]) == ARGV[1] then
  return redis.call('DEL', KEYS[1])
end
return 0
