-- KEYS[1]: the stream; ARGV[1]: the consumer; ARGV[2]: after how many idle milliseconds a worker is gone.
local workers = redis.pcall('XINFO', 'CONSUMERS', KEYS[1], ARGV[1])
-- Nothing was published yet, or nobody has asked.
if workers.err then return end
for _, worker in ipairs(workers) do
  local is = {}
  for at = 1, #worker, 2 do is[worker[at]] = worker[at + 1] end
  if is.pending == 0 and is.idle >= tonumber(ARGV[2]) then
    redis.call('XGROUP', 'DELCONSUMER', KEYS[1], ARGV[1], is.name)
  end
end
