--[[
  Read the figures that a queue had in each minute of the last hours.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  KEYS[7] history hash, as beat.lua writes it
  ARGV[1] how many hours, 1 to 25, the present one included
  Returns {server time ms since 2024, the texts of these hours, the oldest first, or false for an hour without any}
]]
local history = KEYS[7]
guard(1)
redis.call('HLEN', history)
local now = to_ms(clock())
local hour = floor(now / 3600000)
local slots = {}
for back = tonumber(ARGV[1]) - 1, 0, -1 do slots[#slots + 1] = int((hour - back) % 25) end
return {now, redis.call('HMGET', history, unpack(slots))}
