-- Takes one token out of a bucket, which is one instant: when it is full (GCRA, ITU-T I.371).
-- KEYS: the bucket.
-- ARGV: the time in which one token refills, the window, and the time if not Redis's own counts, in microseconds.
-- Answers whether it is allowed, how long until the bucket is full, how long until the next token, in microseconds.
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local token, window = tonumber(ARGV[1]), tonumber(ARGV[2])
local full_at = tonumber(redis.call('GET', KEYS[1]) or now)
if full_at < now then full_at = now end
local after = full_at + token
local lacking = after - now - window
if lacking > 0 then
  return {0, full_at - now, lacking}
end
redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
return {1, after - now, 0}
