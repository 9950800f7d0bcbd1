--[[
  Remove messages whose consumers have succeeded, if their leases still hold.
  KEYS[1] ready zset    KEYS[2] delayed zset       KEYS[3] leased zset
  KEYS[4] messages hash KEYS[5] deliveries hash    KEYS[6] meta hash
  ARGV[1..] lease members (message key, colon, lease token)
  Returns {index from 1 of a lease that was lost, or the negated index if the message is gone altogether, ...}.
          If this call is a repetition, the first call has settled a message that is gone; otherwise another owner has.
]]
local _, _, _, grouped = guard(1)
return settle_leases(1, {unpack(ARGV)}, grouped)
