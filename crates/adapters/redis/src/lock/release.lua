-- Lets a lock go that is still held by this token; somebody else's stays.
-- KEYS: the lock. ARGV: the token.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('DEL', KEYS[1])
end
return redis.status_reply('OK')
