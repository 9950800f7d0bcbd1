--[[
  Delete waiting messages: given ones, or the first ones (a purge repeats this until it returns 0).
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] how many of the first at most, 0: the given ones
  ARGV[2..] message keys
  Returns the number of records deleted; leased ones are left to their consumers
]]
local ready, delayed, messages, deliveries, meta = KEYS[1], KEYS[2], KEYS[4], KEYS[5], KEYS[6]
guard(1)
local keys = {}
local limit = tonumber(ARGV[1])
if limit > 0 then
  local popped = redis.call('ZPOPMIN', ready, limit)
  for i = 1, #popped, 2 do keys[#keys + 1] = popped[i] end
  if #keys < limit then
    popped = redis.call('ZPOPMIN', delayed, limit - #keys)
    for i = 1, #popped, 2 do keys[#keys + 1] = popped[i] end
  end
else
  for i = 2, #ARGV do
    if redis.call('ZREM', ready, ARGV[i]) == 1 or redis.call('ZREM', delayed, ARGV[i]) == 1 then
      keys[#keys + 1] = ARGV[i]
    end
  end
end
if #keys > 0 then
  redis.call('HDEL', messages, unpack(keys))
  redis.call('HDEL', deliveries, unpack(keys))
  local extra = extra_in(keys, 1, 1)
  redis.call('HINCRBY', meta, 'removed', int(#keys + extra))
  pack(meta, 'packed', -extra)
end
return #keys
