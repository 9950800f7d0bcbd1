--[[
  Move waiting messages (usually dead letters) to another queue of the same tag: by themselves, or as
  a step of an operation. The records that they had may be kept in the trash.
  KEYS[1] ready zset     KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash  KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] target ready zset     KEYS[8] target delayed zset     KEYS[9] target leased zset
  KEYS[10] target messages hash KEYS[11] target deliveries hash KEYS[12] target meta hash
  KEYS[13] operation hash       KEYS[14] trash hash             KEYS[15] times of the trash zset
  ARGV[1] wake-up channel of the target
  ARGV[2] token of the operation's owner, or nothing: no operation
  ARGV[3] number of the operation's step
  ARGV[4] score of the last message looked at in this step, or nothing: the step has further parts
  ARGV[5] key of that message
  ARGV[6] how many messages this part has looked at
  ARGV[7] how many of them were gone already or cannot be moved
  ARGV[8] how many messages may be ready in the target at most, or nothing: any number, and the target may be paused
  ARGV[9] how long the records stay in the trash, ms, 0: they are not kept
  ARGV[10] priority that the messages get, or nothing: they keep theirs
  ARGV[11..] pairs: message key, new record
  Returns the number of messages moved, of which several may share a record; messages that no longer wait are skipped. For an
          operation also: -1 another process owns it, -2 the step was done before, -3 too many are ready in the target,
          -4 its brake has stopped it, -5 it rests or has ended, -6 the target is paused; nothing is moved then
]]
local ready, messages, deliveries, meta = KEYS[1], KEYS[4], KEYS[5], KEYS[6]
local target_ready, target_messages, target_meta = KEYS[7], KEYS[10], KEYS[12]
local operation, trash, times = KEYS[13], KEYS[14], KEYS[15]
local _, _, _, grouped = guard(1)
local records = guard(7)
local state = redis.call('HMGET', target_meta, 'place', 'step', 'idle', 'waiting', 'created', 'packed', 'packed_delayed',
  'packed_leased', 'paused', 'until')
local step, idle = step_of(state[2]), idle_of(state[3])
local now = clock()
if ARGV[2] ~= '' then
  local code = fenced(operation, ARGV[2], tonumber(ARGV[3]))
  if code == 0 and braked(operation, meta) then code = -4 end
  if code ~= 0 then return code end
  local most = tonumber(ARGV[8])
  if most and #ARGV > 10 then
    if pause_of(state[9], state[10], to_ms(now)) then return -6 end
    if redis.call('ZCARD', target_ready) + unpacked(state, 6) > most then return -3 end
  end
end
local keep = tonumber(ARGV[9])
local room = keep > 0 and open_trash(trash, times, keep, to_ms(now))
local place, unknown = place_of(state[1], now, records)
local moved, extra, missing, left = 0, 0, 0, {}
for i = 11, #ARGV, 2 do
  local key = ARGV[i]
  if redis.call('ZREM', ready, key) == 1 then
    if room then discard(trash, times, room, key, redis.call('HGET', messages, key) or '', to_ms(now)) end
    local target
    target, place = free_key(target_messages, unknown, tonumber(ARGV[10]) or priority_of(key), place + 1, 0, extra_of(key))
    extra = extra + extra_of(key)
    redis.call('HDEL', messages, key)
    redis.call('HDEL', deliveries, key)
    redis.call('HSET', target_messages, target, ARGV[i + 1])
    redis.call('ZADD', target_ready, score_of(target, step), target)
    moved = moved + 1
    left[moved] = key
  else
    missing = missing + 1 + extra_of(key)
  end
end
if moved > 0 then
  add(meta, 'moved', moved + extra)
  add(meta, 'packed', -extra)
  if grouped then leave(meta, left, moved + extra) end
  redis.call('HSET', target_meta, 'place', int(place))
  if not state[5] then redis.call('HSET', target_meta, 'created', int(to_ms(now)), 'idle', '0') end
  add(target_meta, 'sent', moved + extra)
  add(target_meta, 'packed', extra)
  expire_with(7, idle)
  wake(target_meta, state[4], ARGV[1])
end
if room then close_trash(trash, times, room, keep) end
if ARGV[2] ~= '' then
  advance(operation, tonumber(ARGV[3]), ARGV[4], ARGV[5], tonumber(ARGV[6]), moved + extra, missing + tonumber(ARGV[7]), to_ms(now))
  if redis.call('HGET', operation, 'state') == 'Waiting' then redis.call('HSET', operation, 'state', 'Running', 'because', '') end
end
return math.floor(moved + extra)
