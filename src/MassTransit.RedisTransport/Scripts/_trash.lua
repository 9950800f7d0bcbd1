-- This text is put behind the shared one in the scripts that use the trash of a dead-letter queue: a hash of records by their keys, with
-- their bytes together in 'bytes', and a sorted set of the keys by the time when they came in, ms.
local TRASH_RECORDS, TRASH_BYTES = 100000, 268435456

-- Removes up to 500 records whose time is over, and returns how many records and bytes there are.
local function open_trash(trash, times, ttl, now)
  redis.call('ZCARD', times)
  local old = redis.call('ZRANGEBYSCORE', times, '-inf', int(now - ttl), 'LIMIT', 0, 500)
  if #old > 0 then
    local bytes = 0
    for i = 1, #old do bytes = bytes + redis.call('HSTRLEN', trash, old[i]) end
    redis.call('HDEL', trash, unpack(old))
    redis.call('ZREM', times, unpack(old))
    add(trash, 'bytes', -bytes)
  end
  return {records = math.max(0, redis.call('HLEN', trash) - 1), bytes = whole(redis.call('HGET', trash, 'bytes'), 0, MOST, 0), added = 0}
end

-- Puts a record in. Returns false if there is no room.
local function discard(trash, times, room, key, record, now)
  if not is_key(key) or room.records >= TRASH_RECORDS or room.bytes + #record > TRASH_BYTES then return false end
  redis.call('HSET', trash, key, record)
  redis.call('ZADD', times, int(now), key)
  room.records, room.bytes, room.added = room.records + 1, room.bytes + #record, room.added + #record
  return true
end

-- Lets the whole trash go when its last record's time is over.
local function close_trash(trash, times, room, ttl)
  if room.added == 0 then return end
  add(trash, 'bytes', room.added)
  redis.call('PEXPIRE', trash, ttl)
  redis.call('PEXPIRE', times, ttl)
end
