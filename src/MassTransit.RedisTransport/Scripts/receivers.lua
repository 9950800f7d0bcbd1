--[[
  List the receivers of a queue that were heard of lately, 1,000 at most.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] receivers zset, by their last beats, ms since 2024
  KEYS[8] beats hash, what each receiver says of itself
  ARGV[1] how long they may have been silent, ms
  Returns {server time ms since 2024, receivers, when each was last heard of ms since 2024, what each says of itself or false}
]]
local receivers, beats = KEYS[7], KEYS[8]
guard(1)
redis.call('HLEN', beats)
local now = to_ms(clock())
local found = redis.call('ZRANGEBYSCORE', receivers, int(now - tonumber(ARGV[1])), '+inf', 'WITHSCORES', 'LIMIT', 0, 1000)
local names, times, said = {}, {}, {}
for i = 1, #found, 2 do
  names[#names + 1] = found[i]
  times[#times + 1] = int(math.min(score_number(found[i + 1]), MOST))
end
if #names > 0 then said = redis.call('HMGET', beats, unpack(names)) end
return {now, names, times, said}
