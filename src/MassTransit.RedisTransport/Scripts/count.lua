--[[
  Count the messages of a queue in constant time; several messages may share a record.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  Returns {ready, delayed, leased, records, 1 when the queue exists, sent, completed, moved, reclaimed,
           removed, cancelled}
]]
local meta = KEYS[6]
guard(1)
local state = redis.call('HMGET', meta, 'created', 'sent', 'completed', 'moved', 'reclaimed', 'removed', 'cancelled',
  'packed', 'packed_delayed', 'packed_leased')
local function counter(i) return whole(state[i], 0, MOST, 0) end
local ready, delayed, leased = unpacked(state, 8)
return {redis.call('ZCARD', KEYS[1]) + ready, redis.call('ZCARD', KEYS[2]) + delayed, redis.call('ZCARD', KEYS[3]) + leased,
  redis.call('HLEN', KEYS[4]), state[1] and 1 or 0,
  counter(2), counter(3), counter(4), counter(5), counter(6), counter(7)}
