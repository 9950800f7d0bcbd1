--[[
  Delete waiting messages: either the given ones or the first ones (a purge repeats the call until it returns 0).
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] how many of the first messages at most, 0: delete the given ones
  ARGV[2..] message keys
  Returns the number of messages deleted, of which several may share a record; leased messages are not deleted
]]
local ready, delayed, messages, deliveries, meta = KEYS[1], KEYS[2], KEYS[4], KEYS[5], KEYS[6]
local _, _, _, grouped = guard(1)
local keys, delayed_keys = {}, {}
local limit = tonumber(ARGV[1])
if limit > 0 then
  local popped = redis.call('ZPOPMIN', ready, limit)
  for i = 1, #popped, 2 do keys[#keys + 1] = popped[i] end
  if #keys < limit then
    popped = redis.call('ZPOPMIN', delayed, limit - #keys)
    for i = 1, #popped, 2 do
      keys[#keys + 1] = popped[i]
      delayed_keys[#delayed_keys + 1] = popped[i]
    end
  end
else
  for i = 2, #ARGV do
    if redis.call('ZREM', ready, ARGV[i]) == 1 then
      keys[#keys + 1] = ARGV[i]
    elseif redis.call('ZREM', delayed, ARGV[i]) == 1 then
      keys[#keys + 1] = ARGV[i]
      delayed_keys[#delayed_keys + 1] = ARGV[i]
    end
  end
end
local extra = extra_in(keys, 1, 1)
if #keys > 0 then
  redis.call('HDEL', messages, unpack(keys))
  redis.call('HDEL', deliveries, unpack(keys))
  add(meta, 'removed', #keys + extra)
  add(meta, 'packed', -extra)
  add(meta, 'packed_delayed', -extra_in(delayed_keys, 1, 1))
  if grouped then leave(meta, keys, #keys + extra) end
end
return math.floor(#keys + extra)
