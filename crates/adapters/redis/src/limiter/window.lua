-- Lets a call pass when fewer than the limit were let pass within the window before it.
-- KEYS: the instants of the calls that were let pass, the oldest first.
-- ARGV: the limit, the window, and the time if not Redis's own counts, in microseconds.
-- Answers whether it is allowed, how many may follow, how long until nothing is counted, how long until the next may
-- come, in microseconds.
local now = tonumber(ARGV[3])
if not now then
  local time = redis.call('TIME')
  now = time[1] * 1000000 + time[2]
end
local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
-- A clock that was put back sets nothing free.
local last = tonumber(redis.call('LINDEX', KEYS[1], -1) or now)
if last > now then now = last end
local first = redis.call('LINDEX', KEYS[1], 0)
while first and now - first >= window do
  redis.call('LPOP', KEYS[1])
  first = redis.call('LINDEX', KEYS[1], 0)
end
local count = redis.call('LLEN', KEYS[1])
if count < limit then
  redis.call('RPUSH', KEYS[1], string.format('%.0f', now))
  redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
  return {1, limit - count - 1, window, 0}
end
-- There are more than the limit when that was lowered.
local blocking = redis.call('LINDEX', KEYS[1], count - limit)
return {0, 0, last + window - now, blocking + window - now}
