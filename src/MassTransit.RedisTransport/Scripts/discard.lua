--[[
  Delete waiting messages and keep their records in the trash: by themselves, or as a step of an operation. It stops after
  4 MB of records, so that the server is not busy for long.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] operation hash KEYS[8] trash hash        KEYS[9] times of the trash zset
  ARGV[1] token of the operation's owner, or nothing: no operation
  ARGV[2] number of the operation's step
  ARGV[3] score of the last message looked at in this step
  ARGV[4] key of that message
  ARGV[5] how many messages the step has looked at
  ARGV[6] how many of them were gone already
  ARGV[7] how long the records stay in the trash, ms, 0: they are not kept
  ARGV[8..] message keys
  Returns {messages deleted, how many of them are in the trash, how many keys were looked at}; for an operation also: {-1}
          another process owns it, {-2} the step was done before, {-5} it rests or has ended; nothing is deleted then
]]
local ready, delayed, messages, deliveries, meta = KEYS[1], KEYS[2], KEYS[4], KEYS[5], KEYS[6]
local operation, trash, times = KEYS[7], KEYS[8], KEYS[9]
local _, _, _, grouped = guard(1)
local now = to_ms(clock())
if ARGV[1] ~= '' then
  local code = fenced(operation, ARGV[1], tonumber(ARGV[2]))
  if code ~= 0 then return {code} end
end
local BYTES = 4194304
local keep = tonumber(ARGV[7])
local room = keep > 0 and open_trash(trash, times, keep, now)
local keys, extra, extra_delayed, kept, missing, bytes, looked = {}, 0, 0, 0, 0, 0, 0
for i = 8, #ARGV do
  local key = ARGV[i]
  local length = room and redis.call('HSTRLEN', messages, key) or 0
  if looked > 0 and bytes + length > BYTES then break end
  bytes = bytes + length
  looked = looked + 1
  local was_ready = redis.call('ZREM', ready, key) == 1
  if was_ready or redis.call('ZREM', delayed, key) == 1 then
    keys[#keys + 1] = key
    extra = extra + extra_of(key)
    if not was_ready then extra_delayed = extra_delayed + extra_of(key) end
    if room and discard(trash, times, room, key, redis.call('HGET', messages, key) or '', now) then kept = kept + 1 + extra_of(key) end
  else
    missing = missing + 1 + extra_of(key)
  end
end
if #keys > 0 then
  redis.call('HDEL', messages, unpack(keys))
  redis.call('HDEL', deliveries, unpack(keys))
  add(meta, 'removed', #keys + extra)
  add(meta, 'packed', -extra)
  add(meta, 'packed_delayed', -extra_delayed)
  if grouped then leave(meta, keys, #keys + extra) end
end
if room then close_trash(trash, times, room, keep) end
if ARGV[1] ~= '' then
  local whole_step = looked == #ARGV - 7
  advance(operation, tonumber(ARGV[2]), whole_step and ARGV[3] or '', ARGV[4], whole_step and tonumber(ARGV[5]) or 0, #keys + extra,
    missing + (whole_step and tonumber(ARGV[6]) or 0), now)
  add(operation, 'trashed', kept)
end
return {math.floor(#keys + extra), math.floor(kept), looked}
