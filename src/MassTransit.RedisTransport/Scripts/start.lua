--[[
  Start an operation on the dead letters of a queue, if no other one has not ended.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] operation hash KEYS[8] operations zset
  ARGV[1] id of the operation
  ARGV[2] what it is about, for its total: all, a failure group behind 'group:', a number, or nothing: not known
  ARGV[3] id of an operation that is known to be gone, or nothing
  ARGV[4] how many operations of the queue are listed
  ARGV[5..] pairs: field of the operation, value
  Returns {1, id}, also if this call is a repetition, or {0, id of the operation that has not ended}
]]
local meta, operation, operations = KEYS[6], KEYS[7], KEYS[8]
guard(1)
local state = redis.call('HMGET', meta, 'packed', 'packed_delayed', 'packed_leased', 'place', 'operation')
if state[5] == ARGV[1] then return {1, ARGV[1]} end
if state[5] and state[5] ~= ARGV[3] then return {0, state[5]} end
redis.call('ZCARD', operations)
if redis.call('HLEN', operation) > 0 then return {1, ARGV[1]} end
local now = clock()
local total = ARGV[2]
if total == 'all' then
  total = redis.call('ZCARD', KEYS[1]) + unpacked(state, 1)
elseif sub(total, 1, 6) == 'group:' then
  total = whole(redis.call('HGET', meta, total), 0, MOST, 0)
end
if total ~= '' then total = int(tonumber(total)) end
redis.call('HSET', operation, 'id', ARGV[1], 'state', 'Running', 'total', total, 'started', int(to_ms(now)),
  'updated', int(to_ms(now)), 'bound', int(whole(state[4], 0, now + AHEAD, now)), unpack(ARGV, 5))
redis.call('HSET', meta, 'operation', ARGV[1])
redis.call('ZADD', operations, int(to_ms(now)), ARGV[1])
local more = redis.call('ZCARD', operations) - tonumber(ARGV[4])
if more > 0 then redis.call('ZPOPMIN', operations, int(more)) end
redis.call('PEXPIRE', operations, KEPT)
return {1, ARGV[1]}
