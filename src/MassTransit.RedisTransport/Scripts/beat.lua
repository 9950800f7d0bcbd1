--[[
  Write down that a receiver lives and what it says of itself, forget those that have been silent for long, and keep the figures
  of each minute for a day. It works on a full server. Run twice with the same arguments, it changes nothing more.
  KEYS[1] ready zset          KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash       KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] to KEYS[12] the same six of the error queue: KEYS[7] KEYS[8] KEYS[9] KEYS[10] KEYS[11] KEYS[12]
  KEYS[13] to KEYS[18] the same six of the queue of skipped messages: KEYS[13] KEYS[14] KEYS[15] KEYS[16] KEYS[17] KEYS[18]
  KEYS[19] receivers zset, by their last beats, ms since 2024
  KEYS[20] beats hash, what each receiver says of itself
  KEYS[21] history hash: ring of 25 hours, each a text "hour;minute,figures;,figures;", and the last counters
  ARGV[1] the receiver
  ARGV[2] what it says of itself, '' if it leaves
  ARGV[3] after which silence a receiver is forgotten, ms
  Returns server time, ms since 2024
]]
local ready, meta = KEYS[1], KEYS[6]
local receivers, beats, history = KEYS[19], KEYS[20], KEYS[21]
guard(1)
guard(7)
guard(13)
redis.call('ZCARD', receivers)
redis.call('HLEN', beats)
redis.call('HLEN', history)
local us = clock()
local now = to_ms(us)
allow_when_full(1)
if ARGV[2] == '' then
  redis.call('ZREM', receivers, ARGV[1])
  redis.call('HDEL', beats, ARGV[1])
  return now
end

redis.call('ZADD', receivers, int(now), ARGV[1])
redis.call('HSET', beats, ARGV[1], ARGV[2])
local silent = redis.call('ZRANGEBYSCORE', receivers, '-inf', int(now - tonumber(ARGV[3])), 'LIMIT', 0, 100)
if #silent > 0 then
  redis.call('ZREM', receivers, unpack(silent))
  redis.call('HDEL', beats, unpack(silent))
end
-- Without receivers both are gone after that silence.
redis.call('PEXPIRE', receivers, ARGV[3])
redis.call('PEXPIRE', beats, ARGV[3])

-- The first beat of a minute stores the figures of that minute: what is in the queue now, and what has happened since the last one.
local DAY, HOURS = 86400000, 25
local minute = floor(now / 60000)
local last = {}
for field in string.gmatch(redis.call('HGET', history, 'last') or '', '[^,]+') do last[#last + 1] = field end
local before = whole(last[1], 0, MOST, nil)
-- A clock that was set back is waited for; one that was set back by more than an hour is believed.
if before and minute <= before and before - minute < 60 then return now end

local state = redis.call('HMGET', meta, 'sent', 'completed', 'moved', 'reclaimed', 'packed', 'packed_delayed', 'packed_leased')
local packed_ready, packed_delayed, packed_leased = unpacked(state, 5)
local error_state = redis.call('HMGET', KEYS[12], 'packed', 'packed_leased')
local skipped_state = redis.call('HMGET', KEYS[18], 'packed', 'packed_leased')
local dead = whole(error_state[1], 0, MOST, 0) + whole(error_state[2], 0, MOST, 0)
  + whole(skipped_state[1], 0, MOST, 0) + whole(skipped_state[2], 0, MOST, 0)
  + redis.call('ZCARD', KEYS[7]) + redis.call('ZCARD', KEYS[8]) + redis.call('ZCARD', KEYS[9])
  + redis.call('ZCARD', KEYS[13]) + redis.call('ZCARD', KEYS[14]) + redis.call('ZCARD', KEYS[15])

-- How long the next message has waited, in whole seconds; with several priorities in use it is not always the oldest one.
local age = 0
local next_key = redis.call('ZRANGE', ready, 0, 0)[1]
if next_key and is_key(next_key) then age = math.max(0, floor((us - tonumber(sub(next_key, 3, 15), 16)) / 1000000)) end

local counters = {}
local figures = {redis.call('ZCARD', ready) + packed_ready, redis.call('ZCARD', KEYS[2]) + packed_delayed,
  redis.call('ZCARD', KEYS[3]) + packed_leased, dead, age}
for i = 1, 4 do
  counters[i] = whole(state[i], 0, MOST, 0)
  local earlier = whole(last[i + 1], 0, MOST, counters[i])
  -- A counter that is lower than before has begun anew, with a queue that was deleted.
  if earlier > counters[i] then earlier = 0 end
  if not before then earlier = counters[i] end
  figures[#figures + 1] = counters[i] - earlier
end
local hour = floor(minute / 60)
local slot = int(hour % HOURS)
local stored = redis.call('HGET', history, slot) or ''
local begin = int(hour) .. ';'
local follows = before == minute - 1
if sub(stored, 1, #begin) ~= begin or #stored > 8192 then
  stored = begin
  follows = false
end
-- Zeros are left out, and so is a minute that follows the one before: most of a day is short.
local entry = {follows and '' or int(minute % 60)}
for i = 1, #figures do entry[i + 1] = figures[i] == 0 and '' or int(figures[i]) end
local text = string.gsub(table.concat(entry, ','), ',+$', '') .. ';'
redis.call('HSET', history, slot, stored .. text, 'last', int(minute) .. ',' .. int(counters[1]) .. ',' .. int(counters[2]) .. ','
  .. int(counters[3]) .. ',' .. int(counters[4]))
redis.call('PEXPIRE', history, DAY + 3600000)
return now
