--[[
  Remember the keys of a webhook as accepted, whoever had claimed them.
  KEYS[1..n] claim strings
  ARGV[1] for how long, ms
  Returns  1
]]
for _, key in ipairs(KEYS) do
  redis.call('SET', key, 'accepted', 'PX', ARGV[1])
end
return 1
