--[[
  List the failure groups of a dead-letter queue, which are at most 201.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  Returns {messages in the queue, 1 if an older version has removed messages and left their groups behind,
           for each group {id, count, title, first ms, last ms and key, came back after a replay, note}, ...}
]]
local meta = KEYS[6]
guard(1)
local state = redis.call('HMGET', meta, 'packed', 'packed_delayed', 'packed_leased', 'groups', 'gone', 'completed', 'moved', 'removed',
  'cancelled')
local ready, delayed, leased = unpacked(state, 1)
local total = redis.call('ZCARD', KEYS[1]) + ready + redis.call('ZCARD', KEYS[2]) + delayed + redis.call('ZCARD', KEYS[3]) + leased
local reply = {total, state[5] and gone_of(state, 6) ~= whole(state[5], 0, MOST, 0) and 1 or 0}
for group in string.gmatch(state[4] or '', '%S+') do
  local read = redis.call('HMGET', meta, 'group:' .. group, 'title:' .. group, 'first:' .. group, 'last:' .. group, 'again:' .. group,
    'note:' .. group)
  reply[#reply + 1] = {group, whole(read[1], 0, MOST, 0), read[2] or '', whole(read[3], 0, MOST, 0), read[4] or '',
    whole(read[5], 0, MOST, 0), read[6] or ''}
end
return reply
