--[[
  Claim the keys of a webhook that are free, unless one that decides is not: then none.
  KEYS[1..n] claim strings, those that decide first
  ARGV[1] value of the caller's claim   ARGV[2] how many keys decide   ARGV[3] how long the claim holds, ms
  Returns  how each key was found: 0 free, 1 claimed by another, 2 accepted
]]
local found = {}
local free = true
for i, key in ipairs(KEYS) do
  local value = redis.call('GET', key)
  found[i] = not value and 0 or value == 'accepted' and 2 or 1
  if found[i] ~= 0 and i <= tonumber(ARGV[2]) then
    free = false
  end
end
for i, key in ipairs(KEYS) do
  if free and found[i] == 0 then
    redis.call('SET', key, ARGV[1], 'PX', ARGV[3])
  end
end
return found
