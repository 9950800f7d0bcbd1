--[[
  Take messages out of the failure groups of a dead-letter queue that an older version has removed from the queue, in steps.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] about how many messages to look at
  Returns {1 if this was the last step, messages taken out}
]]
local messages, meta = KEYS[4], KEYS[6]
guard(1)
local state = redis.call('HMGET', meta, 'recount', 'gone', 'completed', 'moved', 'removed', 'cancelled')
local cursor, missed = string.match(state[1] or '', '^(%d+) (%-?%d+)$')
if not cursor then
  -- What is missed now was removed before this walk began, so that the walk finds all of it.
  cursor, missed = '0', int(gone_of(state, 3) - whole(state[2], 0, MOST, 0))
end
local scanned = redis.call('HSCAN', meta, cursor, 'COUNT', ARGV[1])
local left = {}
for i = 1, #scanned[2], 2 do
  local field = scanned[2][i]
  if is_key(field) and redis.call('HEXISTS', messages, field) == 0 then left[#left + 1] = field end
end
allow_when_full(1)
for first = 1, #left, SLICE do leave(meta, {unpack(left, first, math.min(first + SLICE - 1, #left))}, 0) end
if scanned[1] == '0' then
  add(meta, 'gone', tonumber(missed))
  redis.call('HDEL', meta, 'recount')
else
  redis.call('HSET', meta, 'recount', scanned[1] .. ' ' .. missed)
end
return {scanned[1] == '0' and 1 or 0, #left}
