-- Looks for a value of a shelf's present edition. A shelf without one gets one: what was put there before is then gone,
-- be it that the shelf was cleared or that Redis has lost its edition.
-- KEYS: the shelf, the value. ARGV: how long an edition stays without a value, in milliseconds.
-- Answers the edition, and the value if there is one.
local edition = redis.call('GET', KEYS[1])
if not edition then
  local time = redis.call('TIME')
  edition = time[1] .. '.' .. time[2]
  redis.call('SET', KEYS[1], edition, 'PX', ARGV[1])
end
local kept = redis.call('GET', KEYS[2])
local head = edition .. ' '
if kept and string.sub(kept, 1, #head) == head then
  return {edition, string.sub(kept, #head + 1)}
end
return {edition, false}
