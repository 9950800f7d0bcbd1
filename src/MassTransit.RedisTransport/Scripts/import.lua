--[[
  Put dead letters in, each with its own key and so at its own place, once even if the call is repeated. One that is there
  already, with the same record, is passed over. One whose key another message has gets the next counter.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] lane string: the number of this import's last call that was applied, and what it returned
  ARGV[1] call number of this import, increasing
  ARGV[2] how long the lane is remembered, ms
  ARGV[3] wake-up channel
  ARGV[4..] for each message: key, record, failure group, title, 1 if it was replayed before
  Returns a digit for each message, in their order: 1 put in, 0 there already, 2 its place is more than an hour ahead of the clock; this
          one and those behind it are not put in. Nothing, if a later call was applied
]]
local ready, messages, meta, lane = KEYS[1], KEYS[4], KEYS[6], KEYS[7]
local records, _, _, grouped = guard(1)
-- As far as clocks of servers may differ, us.
local SKEW = 3600000000
local applied = redis.pcall('GET', lane)
local number, before = string.match(type(applied) == 'string' and applied or '', '^(%d+) ([012]*)$')
if number and tonumber(number) >= tonumber(ARGV[1]) then
  if tonumber(number) > tonumber(ARGV[1]) then return '' end
  -- This is a write, so that a caller which waits for replicas over a new connection waits for everything written before it.
  redis.call('PEXPIRE', lane, ARGV[2])
  return before
end
local state = redis.call('HMGET', meta, 'place', 'step', 'idle', 'waiting', 'created')
local now = clock()
local _, unknown = place_of(state[1], now, records)
local place, step, idle = whole(state[1], 0, now + AHEAD, 0), step_of(state[2]), idle_of(state[3])
local reply, put, extra = {}, 0, 0
local groups, seen = {}, {}
for i = 4, #ARGV, 5 do
  local key, record = ARGV[i], ARGV[i + 1]
  local at = is_key(key) and tonumber(sub(key, 3, 15), 16)
  if not at or at > now + SKEW then
    reply[#reply + 1] = '2'
    break
  end
  local length, counter, further = #record, tonumber(sub(key, 16, 20), 16), tonumber(sub(key, 21, 22), 16)
  local there = false
  while not there and redis.call('HEXISTS', messages, key) == 1 do
    there = redis.call('HSTRLEN', messages, key) == length and redis.call('HGET', messages, key) == record
    if not there then
      counter = (counter + 1) % COUNTERS
      key = make_key(priority_of(key), at, counter, further)
    end
  end
  reply[#reply + 1] = there and '0' or '1'
  if not there then
    redis.call('HSET', messages, key, record)
    redis.call('ZADD', ready, score_of(key, step), key)
    if not grouped then
      begin_groups(meta)
      grouped = true
    end
    local ms = to_ms(at)
    local group = join(meta, key, ARGV[i + 2], ARGV[i + 3], ARGV[i + 4] == '1', ms)
    local times = seen[group]
    if not times then
      times = {ms, ms, key}
      seen[group], groups[#groups + 1] = times, group
    end
    if ms < times[1] then times[1] = ms end
    if ms >= times[2] then times[2], times[3] = ms, key end
    put, extra, place = put + 1, extra + further, math.max(place, at)
  end
end
for i = 1, #groups do
  local times = seen[groups[i]]
  date(meta, groups[i], times[1], times[2], times[3])
end
if put > 0 then
  if not state[5] then redis.call('HSET', meta, 'created', int(to_ms(now)), 'idle', '0') end
  -- Later messages come behind these. If nobody knows the place of the last one, it stays so, and each new key is looked up.
  if not unknown then redis.call('HSET', meta, 'place', int(place)) end
  add(meta, 'sent', put + extra)
  add(meta, 'packed', extra)
  expire_with(1, idle)
  wake(meta, state[4], ARGV[3])
end
redis.call('SET', lane, ARGV[1] .. ' ' .. table.concat(reply), 'PX', ARGV[2])
return table.concat(reply)
