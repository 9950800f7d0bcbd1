--[[
  Measure a queue: how many messages it holds, of which several may share a record, and how long its oldest ready message
  has waited. Looks at 16 messages at most: in a queue of strict priorities at the oldest message of each of the 16 highest
  priorities in use, in a queue that ages its messages at the next 16.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  Returns {ready, delayed, leased, how long the oldest ready message has waited in ms, or -1 if there is none}
]]
local ready, meta = KEYS[1], KEYS[6]
guard(1)
local LOOKS = 16
local state = redis.call('HMGET', meta, 'step', 'packed', 'packed_delayed', 'packed_leased')
local step = step_of(state[1])
local now = clock()
local oldest = nil
local function look_at(key)
  local place = is_key(key) and tonumber(string.sub(key, 3, 15), 16)
  if place and (not oldest or place < oldest) then oldest = place end
end

if step == STRICT then
  local after = '-inf'
  for _ = 1, LOOKS do
    local found = redis.call('ZRANGEBYSCORE', ready, after, '+inf', 'LIMIT', 0, 1)
    if #found == 0 then break end
    look_at(found[1])
    local priority = priority_of(found[1])
    if priority == 0 then break end
    -- The next search begins behind every message of this priority that can have arrived by now.
    after = '(' .. int(now - priority * step)
  end
else
  local found = redis.call('ZRANGE', ready, 0, LOOKS - 1)
  for i = 1, #found do look_at(found[i]) end
end

local packed, packed_delayed, packed_leased = unpacked(state, 2)
return {redis.call('ZCARD', ready) + packed, redis.call('ZCARD', KEYS[2]) + packed_delayed, redis.call('ZCARD', KEYS[3]) + packed_leased,
  oldest and math.max(0, to_ms(now - oldest)) or -1}
