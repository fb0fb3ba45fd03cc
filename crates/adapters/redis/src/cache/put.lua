-- Keeps a value, if the shelf still has the edition for which it was made; the edition stays at least as long.
-- KEYS: the shelf, the value. ARGV: the edition, the value, how long it stays in milliseconds.
if redis.call('GET', KEYS[1]) == ARGV[1] then
  redis.call('SET', KEYS[2], ARGV[1] .. ' ' .. ARGV[2], 'PX', ARGV[3])
  if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then
    redis.call('PEXPIRE', KEYS[1], ARGV[3])
  end
end
return redis.status_reply('OK')
