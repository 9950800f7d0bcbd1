--[[
  Write a note on a failure group, or remove it. It goes when the group does.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] failure group
  ARGV[2] the note, or nothing: it is removed
  Returns 1, or 0 if the queue has no such group
]]
local meta = KEYS[6]
guard(1)
if redis.call('HEXISTS', meta, 'group:' .. ARGV[1]) == 0 then return 0 end
if ARGV[2] == '' then
  redis.call('HDEL', meta, 'note:' .. ARGV[1])
else
  redis.call('HSET', meta, 'note:' .. ARGV[1], ARGV[2])
end
return 1
