-- Makes one guard.Change, as a whole or not at all. It reads everything before it writes anything, so that an error never
-- leaves half of a change behind. Times are microseconds on the server's clock.
--
-- KEYS: the change's own, then those of Unless, Take, Back, Good, Clear, Set and Get, in this order
-- ARGV: the change's id; how many keys each of these has; each limit's Window, Max, Floor, Share, RecordOnly, number of
-- Gaps and Gaps; each mark of Back; each Data and For (in milliseconds) of Set
-- Returns: Refused, RetryAfter, Data, Over, and N and Mark of each of Taken
local nthKey, nthArg = 0, 0
local function nextKey()
  nthKey = nthKey + 1
  return KEYS[nthKey]
end
local function nextArg()
  nthArg = nthArg + 1
  return ARGV[nthArg]
end
local function nextNumber()
  return tonumber(nextArg())
end

local time = redis.call('TIME')
local now = time[1] * 1000000 + time[2]

-- A client that gets no answer may send a command again. What was counted twice would be safe, what was given back twice
-- would not.
local change, id = nextKey(), nextArg()
if redis.call('EXISTS', change) == 1 then
  return redis.error_reply('ERR this change was made before')
end

local names = {'unless', 'take', 'back', 'good', 'clear', 'set', 'get'}
local count, keys = {}, {}
for _, name in ipairs(names) do
  count[name] = nextNumber()
end
for _, name in ipairs(names) do
  keys[name] = {}
  for i = 1, count[name] do
    keys[name][i] = nextKey()
  end
end

local counters = {}
for _, name in ipairs({'take', 'back', 'good'}) do
  for _, key in ipairs(keys[name]) do
    local f = redis.call('HMGET', key, 'n', 'good', 'ends', 'last', 'mark', 'earlier', 'earlierMark')
    if f[3] and tonumber(f[3]) > now then
      counters[key] = {
        n = tonumber(f[1]), good = tonumber(f[2]), ends = tonumber(f[3]),
        last = tonumber(f[4]), mark = f[5], earlier = tonumber(f[6]), earlierMark = f[7],
      }
    end
  end
end

local limits = {}
for i = 1, count.take do
  local limit = {
    window = nextNumber(), max = nextNumber(), floor = nextNumber(), share = nextNumber(), recordOnly = nextNumber() == 1,
  }
  limit.gaps = {}
  for g = 1, nextNumber() do
    limit.gaps[g] = nextNumber()
  end
  limits[i] = limit
end

-- wait is how long until the limit lets one more pass.
local function wait(counter, limit)
  if not counter then
    return 0
  end
  local longest = 0
  if #limit.gaps > 0 then
    longest = counter.last + limit.gaps[math.min(counter.n, #limit.gaps)] - now
  end
  local bad = counter.n - counter.good
  if (limit.max > 0 and counter.n >= limit.max)
    or (limit.floor > 0 and bad >= limit.floor and bad > limit.share * counter.n) then
    longest = math.max(longest, counter.ends - now)
  end
  return math.max(longest, 0)
end

local refused, retryAfter, data, over = -1, 0, false, {}
if count.get == 1 then
  data = redis.call('GET', keys.get[1])
end
for i, limit in ipairs(limits) do
  local w = wait(counters[keys.take[i]], limit)
  if w > 0 and limit.recordOnly then
    over[#over + 1] = i - 1
  elseif w > 0 then
    if refused == -1 then
      refused = i - 1
    end
    retryAfter = math.max(retryAfter, w)
  end
end
for _, key in ipairs(keys.unless) do
  if redis.call('EXISTS', key) == 1 then
    refused, retryAfter = -2, 0
  end
end
if refused ~= -1 then
  return {refused, retryAfter, data, over, {}}
end

redis.call('SET', change, '', 'PX', 10000)

local taken, changed = {}, {}
for i, limit in ipairs(limits) do
  local key = keys.take[i]
  local c = counters[key] or {n = 0, good = 0, last = 0, mark = '0', earlier = 0, earlierMark = '0'}
  c.n = c.n + 1
  if c.n == 1 or #limit.gaps > 0 then
    c.earlier, c.earlierMark = c.last, c.mark
    c.last, c.mark = now, id
    c.ends = now + limit.window
  end
  counters[key], changed[key] = c, true
  taken[#taken + 1] = c.n
  taken[#taken + 1] = c.mark
end
for _, key in ipairs(keys.back) do
  local c, mark = counters[key], nextArg()
  if c and c.mark == mark and c.n == 1 then
    counters[key], changed[key] = nil, true
  elseif c and c.mark == mark then
    c.n = c.n - 1
    if c.earlierMark ~= '0' then
      c.last, c.mark = c.earlier, c.earlierMark
      c.earlierMark = '-1' -- the count before that is not remembered, so no mark fits it
    end
    changed[key] = true
  end
end
for _, key in ipairs(keys.good) do
  if counters[key] then
    counters[key].good = counters[key].good + 1
    changed[key] = true
  end
end
for key in pairs(changed) do
  local c = counters[key]
  if c then
    redis.call('HSET', key, 'n', c.n, 'good', c.good, 'ends', c.ends, 'last', c.last, 'mark', c.mark,
      'earlier', c.earlier, 'earlierMark', c.earlierMark)
    redis.call('PEXPIRE', key, math.ceil((c.ends - now) / 1000))
  else
    redis.call('DEL', key)
  end
end
for _, key in ipairs(keys.clear) do
  redis.call('DEL', key)
end
for _, key in ipairs(keys.set) do
  local value = nextArg()
  redis.call('SET', key, value, 'PX', nextArg())
end
return {refused, retryAfter, data, over, taken}
