-- Says when a slot is free again: so many microseconds from now, on the server's clock. Members that run out are removed
-- when the next one is taken. A slot that has run out or was lost is put back, which is the safe side.
--
-- KEYS: the slots
-- ARGV: the token with which the slot was taken; the microseconds
local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]
redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
local last = redis.call('ZRANGE', KEYS[1], -1, -1, 'WITHSCORES')
redis.call('PEXPIRE', KEYS[1], math.max(1, math.ceil((last[2] - now) / 1000) + 1))
return 0
