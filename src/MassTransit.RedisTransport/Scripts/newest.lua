--[[
  Find the newest waiting messages that came after a place. A queue of strict priorities is searched whole, without looking at
  the messages that were there before; of a queue that ages its messages the 2,000 of the lowest rank are looked at.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1] the place, or nothing: none is looked for
  ARGV[2] how many keys at most, 1-1000
  Returns {highest place given in this queue so far, how many messages came after the other place and still wait, their keys, the
           newest first}
]]
local ready, meta = KEYS[1], KEYS[6]
guard(1)
local LOOKS = 2000
local since, limit = tonumber(ARGV[1]), tonumber(ARGV[2])
local state = redis.call('HMGET', meta, 'place', 'step')
local now = clock()
-- If the place cannot be read, the next message gets one after this moment.
local place, step = whole(state[1], 0, now + AHEAD, now), step_of(state[2])
if not since or since >= place then return {int(place), 0, {}} end
local newest, count = {}, 0

-- Takes in further keys, which are in the order of their places. The newest of both stay.
local function take(page)
  local merged, i, j = {}, 1, #page
  while #merged < limit and (newest[i] or page[j]) do
    if page[j] and not (newest[i] and sub(newest[i], 3, 15) > sub(page[j], 3, 15)) then
      merged[#merged + 1] = page[j]
      j = j - 1
    else
      merged[#merged + 1] = newest[i]
      i = i + 1
    end
  end
  newest = merged
end

-- Returns those that came in between. A member that no script wrote has no place.
local function between(members)
  local found = {}
  for i = 1, #members do
    local at = is_key(members[i]) and tonumber(sub(members[i], 3, 15), 16)
    if at and at > since and at <= place then found[#found + 1] = members[i] end
  end
  return found
end

if step == STRICT then
  local after, above = '-inf', 256
  while above > 0 do
    local first = redis.call('ZRANGEBYSCORE', ready, after, '+inf', 'LIMIT', 0, 1)
    local priority = #first > 0 and priority_of(first[1]) or above
    -- The score of a member that no script wrote may be anything: the search goes on to lower priorities only, so that it ends.
    if priority >= above then break end
    local low, high = '(' .. int(since - priority * step), int(place - priority * step)
    local n = redis.call('ZCOUNT', ready, low, high)
    if n > 0 then
      local last = redis.call('ZCOUNT', ready, '-inf', high)
      take(between(redis.call('ZRANGE', ready, int(last - math.min(n, limit)), int(last - 1))))
      count = count + n
    end
    after, above = '(' .. int(math.max(place, now) - priority * step), priority
  end
else
  local found = between(redis.call('ZRANGE', ready, int(-LOOKS), '-1'))
  table.sort(found, function(a, b) return sub(a, 3, 15) < sub(b, 3, 15) end)
  take(found)
  count = #found
end
return {int(place), count, newest}
