-- Appends facts to the stream, of each stream of facts only those after the last one that was appended lately, and tells
-- those who follow.
-- KEYS: the stream, then for each fact the key that holds the last number of its stream of facts.
-- ARGV: most entries, seconds to keep a last number, channel; then for each fact its stream, its number, its envelope.
local grown = {}
for i = 2, #KEYS do
  local at = 4 + (i - 2) * 3
  local stream, number, envelope = ARGV[at], tonumber(ARGV[at + 1]), ARGV[at + 2]
  if number > tonumber(redis.call('GET', KEYS[i]) or '0') then
    redis.call('XADD', KEYS[1], 'MAXLEN', '~', ARGV[1], '*', 'event', envelope)
    redis.call('SET', KEYS[i], number, 'EX', ARGV[2])
    grown[stream] = number
  end
end
for stream, number in pairs(grown) do
  redis.call('PUBLISH', ARGV[3], stream .. ' ' .. string.format('%.0f', number))
end
return redis.status_reply('OK')
