-- Makes one guard.Change, as a whole or not at all. It reads everything before it writes anything, so that an error never
-- leaves half of a change behind. Times are microseconds. The clock is the server's, but never goes back for a record: each
-- remembers the time of its last change in the field "t".
--
-- A record is a hash; its counters and values are the fields, which begin with "p". A value is "v", its end, a space and its
-- data. A counter is JSON: a list of its first count, its end, its flags and the cells (kind, window, n, last count), and
-- another one of its history, where it has one.
--
-- KEYS: the change's own, then the records
-- ARGV: the change as JSON, in which a key is the index of its record and field in "records" and "fields"; the data of each
-- value
-- Returns: Refused, RetryAfter, Challenge, Marks, Data, Over, the mark, N of each of Taken
local UNIT, DAY, LATCH, TRUST = 10000, 86400e6, 3600e6, 30 * 86400e6
local BUCKETS, EXACTLY, DAYS, OWN, GROWTH, RATIO, ODD, PER_KIND = 12, 16, 14, 3, 1.05, 3, 5, 5
local SENT, TYPED, ASKED, PASSED, PASSED_TYPED, KIND, TRUSTED = 0, 1, 2, 3, 4, 5, 6

-- A client that gets no answer may send a command again. What was counted twice would be safe, what was given back twice
-- would not.
if redis.call('EXISTS', KEYS[1]) == 1 then
  return redis.error_reply('ERR this change was made before')
end
local change = cjson.decode(ARGV[1])
local passed = change.passed or 0

local time = redis.call('TIME')
local server = time[1] * 1000000 + time[2]
local now = server

-- The texts of the keys, read with one command for each record, and the keys of a record.
local texts, keysOf, fieldsOf = {}, {}, {}
for r = 2, #KEYS do keysOf[r], fieldsOf[r] = {}, {'t'} end
for key, r in ipairs(change.records or {}) do
  keysOf[r][#keysOf[r] + 1] = key
  fieldsOf[r][#fieldsOf[r] + 1] = change.fields[key]
end
for r = 2, #KEYS do
  local found = redis.call('HMGET', KEYS[r], unpack(fieldsOf[r]))
  now = math.max(now, (found[1] or 0) + 1)
  for i, key in ipairs(keysOf[r]) do texts[key] = found[i + 1] end
end

local function has(set, bit) return math.floor((set or 0) / 2 ^ bit) % 2 == 1 end
local function common(a, b)
  if a == 0 or b == 0 then return false end
  for bit = 0, 7 do
    if has(a, bit) and has(b, bit) then return true end
  end
  return false
end
local function units(micros) return math.ceil(micros / UNIT) end
local function per(window) return units(window.per / 1000) end
local function ends(c) return c.at + c.per * UNIT end

local function parse(text)
  if string.sub(text, 1, 1) == 'v' then
    local space = string.find(text, ' ', 1, true)
    return {value = true, ['until'] = tonumber(string.sub(text, 2, space - 1)), data = string.sub(text, space + 1)}
  end
  local lists = cjson.decode(text)
  local f, h = lists[1], lists[2]
  local p = {born = f[1], ['until'] = f[2], grows = f[3] % 2 == 1, trusts = f[3] >= 2, cells = {}}
  for i = 4, #f, 4 do p.cells[#p.cells + 1] = {kind = f[i], per = f[i + 1], n = f[i + 2], at = f[i + 3]} end
  if h then
    p.history = {days = {}}
    for i = 1, #h, 10 do
      local d = {number = h[i], sent = h[i + 1], typed = h[i + 2], ratio = h[i + 3], busy = h[i + 4] == 1,
        asked = h[i + 5] == 1, peak = {h[i + 6], h[i + 7], h[i + 8], h[i + 9]}}
      if i == 1 then p.history.today = d else p.history.days[#p.history.days + 1] = d end
    end
  end
  return p
end

local function flag(b) return b and 1 or 0 end

-- Writing a whole number as one is four times as fast, where it does not have to fit into 32 bits.
local INTEGER = string.format('%d', 2 ^ 40) == '1099511627776' and '%d' or '%.0f'
local HEAD, CELL = '[[' .. string.rep(INTEGER .. ',', 2) .. '%d', '%d,' .. INTEGER .. ',%d,' .. INTEGER
local function integer(n) return string.format(INTEGER, n) end

local function format(p)
  if p.value then return 'v' .. integer(p['until']) .. ' ' .. p.data end
  local f = {string.format(HEAD, p.born, p['until'], flag(p.grows) + 2 * flag(p.trusts))}
  for i, c in ipairs(p.cells) do f[i + 1] = string.format(CELL, c.kind, c.per, c.n, c.at) end
  local text = table.concat(f, ',')
  if not p.history then return text .. ']]' end
  f = {}
  local function add(d)
    f[#f + 1] = string.format('%d,%d,%d,%.6f,%d,%d,%d,%d,%d,%d', d.number, d.sent, d.typed, d.ratio, flag(d.busy),
      flag(d.asked), unpack(d.peak))
  end
  add(p.history.today)
  for _, d in ipairs(p.history.days) do add(d) end
  return text .. '],[' .. table.concat(f, ',') .. ']]'
end

-- What was read, and what of it has to be written.
local read, dirty, cleared = {}, {}, {}
local function lookup(key)
  local p = read[key]
  if p == nil then
    p = texts[key] and parse(texts[key])
    read[key] = p
  end
  return p and p['until'] > now and p or nil
end
local function touch(key) dirty[key] = true end
local function put(key, p)
  read[key] = p or false
  touch(key)
end

local function prune(p)
  local kept = {}
  for _, c in ipairs(p.cells) do
    if ends(c) > now then kept[#kept + 1] = c end
  end
  p.cells = kept
end

local function add(p, kind, width, exact)
  if not exact then
    local bucket = math.floor(width * UNIT / BUCKETS)
    for i = #p.cells, 1, -1 do
      local c = p.cells[i]
      if c.kind == kind and c.per == width then
        if math.floor(c.at / bucket) == math.floor(now / bucket) then
          c.n, c.at = c.n + 1, now
          return
        end
        break
      end
    end
  end
  p.cells[#p.cells + 1] = {kind = kind, per = width, n = 1, at = now}
end

-- takeBack returns the windows in which something was found.
local function takeBack(p, kind, mark)
  local seen, from = {}, {}
  for _, c in ipairs(p.cells) do
    if c.kind == kind and c.at >= mark and mark + c.per * UNIT > now and not seen['w' .. c.per] then
      seen['w' .. c.per] = true
      if c.n > 0 then
        c.n = c.n - 1
        from[#from + 1] = c.per
      end
    end
  end
  return from
end

-- leaves is how long until so many of the oldest counts have left a window; with any, of cells of all windows.
local function leaves(p, width, count, any)
  for _, c in ipairs(p.cells) do
    if c.kind == SENT and (any or c.per == width) and c.at + width * UNIT > now then
      count = count - c.n
      if count <= 0 then return c.at + width * UNIT - now end
    end
  end
  return width * UNIT
end

local function within(p, width)
  local n = 0
  for _, c in ipairs(p.cells) do
    if c.at + width * UNIT > now then n = n + c.n end
  end
  return n
end

local function lastAt(p)
  for i = #p.cells, 1, -1 do
    if p.cells[i].n > 0 then return p.cells[i].at end
  end
  return -1e18
end

-- Of a limit with gaps all counts stay until the window after the last one has ended.
local function gapCount(p, limit)
  local n = 0
  if lastAt(p) + limit.window > now then
    for _, c in ipairs(p.cells) do n = n + c.n end
  end
  return n
end

local function sumUp(p, load)
  local s = {sent = {}, typed = {}, asked = {}, passed = {}, passedTyped = {}, kinds = {}, kindCount = 0}
  local windows, second = {}, {}
  for i, w in ipairs(load.windows) do
    windows['w' .. per(w)] = i
    s.sent[i], s.typed[i], s.asked[i] = 0, 0, 0
  end
  for i, w in ipairs(load.second or {}) do
    second['w' .. per(w)] = i
    s.passed[i], s.passedTyped[i] = 0, 0
  end
  if not p then return s end
  prune(p)
  local sums = {[SENT] = {s.sent, windows}, [TYPED] = {s.typed, windows}, [PASSED] = {s.passed, second},
    [PASSED_TYPED] = {s.passedTyped, second}}
  for _, c in ipairs(p.cells) do
    local sum = sums[c.kind]
    if sum then
      local i = sum[2]['w' .. c.per]
      if i then sum[1][i] = sum[1][i] + c.n end
    elseif c.kind == ASKED then
      for i, w in ipairs(load.windows) do
        if c.at + w.per / 1000 > now then s.asked[i] = s.asked[i] + c.n end
      end
    elseif c.kind == KIND then
      s.kinds['k' .. c.n], s.kindCount = true, s.kindCount + 1
    else
      s.trusted = true
    end
  end
  return s
end

-- usual is what the days of a history say, without the highest ones.
local function nth(days, of, busyOnly)
  local values = {}
  for _, d in ipairs(days) do
    if d.busy or not busyOnly then values[#values + 1] = of(d) end
  end
  if #values == 0 then return 0, 0 end
  table.sort(values)
  return values[#values - math.floor(#values / ODD)], #values
end

local function usualOf(history)
  local u = {peak = {}, ratio = RATIO}
  local days = history and history.days or {}
  for w = 1, 4 do u.peak[w] = nth(days, function(d) return d.peak[w] end) end
  local ratio, busy = nth(days, function(d) return d.ratio end, true)
  if busy >= OWN then u.ratio = ratio end
  u.known = busy > 0
  return u
end

local function newDay(number)
  return {number = number, sent = 0, typed = 0, ratio = 0, busy = false, asked = false, peak = {0, 0, 0, 0}}
end

local function roll(history, load)
  local today = math.floor(now / DAY)
  local d = history.today
  if d.number == today then return end
  if not d.asked and d.sent > 0 then
    if d.typed >= math.max(load.known, 1) then
      d.ratio, d.busy = math.min(RATIO, math.max(0, d.sent - d.typed) / d.typed), true
    end
    if #history.days >= OWN then
      local before = usualOf(history)
      for w = 1, 4 do d.peak[w] = math.floor(math.min(d.peak[w], math.max(before.peak[w] + 1, before.peak[w] * GROWTH))) end
      d.ratio = math.min(d.ratio, before.ratio * GROWTH)
    end
    history.days[#history.days + 1] = d
  end
  while #history.days > 0 and history.days[1].number < today - DAYS do table.remove(history.days, 1) end
  history.today = newDay(today)
end

local function learnt(p, load)
  if p and p.history then roll(p.history, load) end
  return usualOf(p and p.history)
end

-- Marks, and the limits that are skipped.
local marks = 0
for i, key in ipairs(change.marks or {}) do
  if lookup(key) then marks = marks + 2 ^ (i - 1) end
end
local take = change.take or {}
local skipped, ratio, learns, known, trusted = {}, RATIO, false, false, false
for i, limit in ipairs(take) do
  limit.with, limit.without = limit.with or 0, limit.without or 0
  limit.max, limit.kind = limit.max or 0, limit.kind or 0
  local load = limit.load
  skipped[i] = limit.with ~= 0 and not common(limit.with, marks) or common(limit.without, marks)
    or (load and load.only_young and known) or false
  if not skipped[i] then
    local p = lookup(limit.key)
    if load and load.learn then
      limit.usual = learnt(p, load)
      known = known or limit.usual.known
      if not learns then learns, ratio = true, limit.usual.ratio end
    end
  end
end

-- judge returns the level that a limit asks for, whether it refuses, and how long until it has nothing against one more.
local function judgeLoad(p, limit)
  local load, level, refuses, wait = limit.load, 0, false, 0
  local s = sumUp(p, load)
  limit.sums = s
  local usual = limit.usual or {peak = {0, 0, 0, 0}, ratio = ratio}
  local last = #load.windows
  if s.trusted and s.sent[last] < load.trust_below then trusted = true end
  for i, w in ipairs(load.windows) do
    local n = s.sent[i]
    if w.max > 0 and n >= w.max then
      refuses, wait = true, math.max(wait, leaves(p, per(w), n - w.max + 1))
    end
    if w.floor > 0 and not (load.learn and trusted) then
      local threshold = w.floor + load.grow * math.max(usual.peak[i], usual.ratio * s.typed[i])
      if load.latch and (w.per / 1000 <= LATCH or not load.learn) then n = n + s.asked[i] end
      if n >= threshold then
        level, wait = math.max(level, 1), math.max(wait, leaves(p, per(w), math.floor(n - threshold) + 1))
      end
      local top = load.top * threshold
      if i == last and top > 0 and s.sent[i] >= top then
        refuses, wait = true, math.max(wait, leaves(p, per(w), s.sent[i] - math.floor(top) + 1))
      end
    end
  end
  if load.kinds > 0 and not s.kinds['k' .. limit.kind] and s.kindCount >= load.kinds + math.floor(s.typed[last] / PER_KIND) then
    level, wait = math.max(level, 1), math.max(wait, load.windows[last].per / 1000)
  end
  if level > 0 then
    for i, w in ipairs(load.second or {}) do
      local threshold = w.floor + load.grow * usual.ratio * s.passedTyped[i]
      if s.passed[i] >= 2 * threshold then
        level = math.max(level, 3)
      elseif s.passed[i] >= threshold then
        level = math.max(level, 2)
      end
    end
  end
  return level, refuses, wait
end

local function judge(p, limit)
  if limit.load then return judgeLoad(p, limit) end
  local most = limit.max
  if (limit.reserve_for or 0) ~= 0 and not common(limit.reserve_for, marks) then most = most - (limit.reserve or 0) end
  if limit.max > 0 and most == 0 then return 0, true, units(limit.window) * UNIT end -- all is kept for others
  if not p then return 0, false, 0 end
  local wait = 0
  if limit.gaps then
    local n = gapCount(p, limit)
    if n > 0 then wait = lastAt(p) + limit.gaps[math.min(n, #limit.gaps)] - now end
    if limit.max > 0 and n >= most then wait = math.max(wait, lastAt(p) + limit.window - now) end
    return 0, wait > 0, math.max(wait, 0)
  end
  local n = within(p, units(limit.window))
  if limit.max == 0 or n < most then return 0, false, 0 end
  return 0, true, leaves(p, units(limit.window), n - most + 1, true)
end

local refused, retryAfter, challenge, data, over = -1, 0, 0, false, {}
local asks, askWait = -1, 0
if change.get then
  local p = lookup(change.get)
  data = p and p.data or false
end
for i, limit in ipairs(take) do
  if not skipped[i] then
    local level, refuses, wait = judge(lookup(limit.key), limit)
    local isAsked = level > passed
    if limit.record_only then
      if refuses or isAsked then over[#over + 1] = i - 1 end
    elseif refuses then
      if refused == -1 then refused = i - 1 end
      retryAfter = math.max(retryAfter, wait, 1)
    elseif isAsked then
      if asks == -1 then asks = i - 1 end
      challenge, askWait = math.max(challenge, level), math.max(askWait, wait, 1)
    end
  end
end
if refused ~= -1 then
  challenge = 0
elseif asks ~= -1 then
  refused, retryAfter = asks, askWait
end
for _, key in ipairs(change.unless or {}) do
  if lookup(key) then refused, retryAfter, challenge = -2, 0, 0 end
end

-- counter is that of a limit, made if there is none.
local function counter(limit)
  local load = limit.load
  local p = lookup(limit.key)
  if not p then
    p = {born = now, ['until'] = 0, cells = {}}
    if load and load.learn then p.history = {today = newDay(math.floor(now / DAY)), days = {}} end
    put(limit.key, p)
  end
  touch(limit.key)
  local life = limit.window
  if load then
    life = load.windows[#load.windows].per / 1000
    if load.learn then life = math.max(life, (DAYS + 2) * DAY) end
    p.grows = p.grows or load.grow > 0
  end
  p['until'] = math.max(p['until'], now + units(life) * UNIT)
  return p
end

local function count(limit)
  local p, load = counter(limit), limit.load
  if not load then
    local width = units(limit.window)
    if limit.gaps then
      if gapCount(p, limit) == 0 then p.cells = {} end
      if #p.cells >= math.max(limit.max, #limit.gaps) + EXACTLY then -- put the oldest together
        p.cells[2].n = p.cells[2].n + p.cells[1].n
        p.born = p.cells[2].at + 1
        table.remove(p.cells, 1)
      end
      add(p, SENT, width, true)
      return gapCount(p, limit)
    end
    prune(p)
    local widest = width
    for _, c in ipairs(p.cells) do widest = math.max(widest, c.per) end
    add(p, SENT, widest, limit.max > 0 and limit.max <= EXACTLY)
    return within(p, width)
  end
  local last = load.windows[#load.windows]
  local s = limit.sums -- of this moment
  for i, w in ipairs(load.windows) do
    add(p, SENT, per(w), w.max > 0 and w.max <= EXACTLY)
    s.sent[i] = s.sent[i] + 1
  end
  if passed > 0 then
    for _, w in ipairs(load.second or {}) do add(p, PASSED, per(w)) end
    for i = #p.cells, 1, -1 do
      local c = p.cells[i]
      if load.latch and c.kind == ASKED and c.n > 0 then
        c.n = c.n - 1
        break
      end
    end
  end
  if load.kinds > 0 and not s.kinds['k' .. limit.kind] then
    p.cells[#p.cells + 1] = {kind = KIND, per = per(last), n = limit.kind, at = now}
  end
  p.trusts = p.trusts or load.trust_below > 0
  if p.history then
    local d = p.history.today
    d.sent = d.sent + 1
    for i in ipairs(load.windows) do d.peak[i] = math.max(d.peak[i], s.sent[i]) end
  end
  return s.sent[#load.windows]
end

local function giveBack(key, mark, wasPassed, kind, good)
  local p = lookup(key)
  if not p or p.value or mark < p.born then return end
  touch(key)
  if p.history then
    local d = p.history.today
    if good then d.typed = d.typed + 1 else d.sent = math.max(0, d.sent - 1) end
  end
  local sent = takeBack(p, SENT, mark)
  local passedFrom = wasPassed > 0 and takeBack(p, PASSED, mark) or {}
  if not good or not p.grows then return end
  for _, width in ipairs(sent) do add(p, TYPED, width) end
  for _, width in ipairs(passedFrom) do add(p, PASSED_TYPED, width) end
  if p.trusts then
    local kept = {}
    for _, c in ipairs(p.cells) do
      if c.kind ~= TRUSTED and not (c.kind == KIND and c.n == kind) then kept[#kept + 1] = c end
    end
    kept[#kept + 1] = {kind = TRUSTED, per = units(TRUST), n = 0, at = now}
    p.cells, p['until'] = kept, math.max(p['until'], now + TRUST)
  end
end

local taken = {}
if refused >= 0 and challenge > 0 then
  local asking = take[refused + 1]
  if asking.load.latch then
    for i, limit in ipairs(take) do
      if not skipped[i] and limit.load and limit.load.latch and not limit.record_only
        and (i == refused + 1 or asking.load.learn and not limit.load.learn) then
        add(counter(limit), ASKED, units(LATCH))
      end
    end
  end
  local p = lookup(asking.key)
  if p and p.history then
    p.history.today.asked = true
    touch(asking.key)
  end
elseif refused == -1 then
  for i, limit in ipairs(take) do taken[i] = skipped[i] and 0 or count(limit) end
  for _, t in ipairs(change.back or {}) do giveBack(t.key, t.mark, t.passed or 0, t.kind or 0, false) end
  for _, t in ipairs(change.good or {}) do giveBack(t.key, t.mark, t.passed or 0, t.kind or 0, true) end
  for _, key in ipairs(change.clear or {}) do
    if key > 0 then
      local p = lookup(key)
      if p and p.history then
        p.cells, p.born = {}, now
        touch(key)
      elseif p then
        put(key, nil)
      end
    else -- all of a record
      cleared[-key] = true
      for _, part in ipairs(keysOf[-key]) do read[part], dirty[part] = false, nil end
    end
  end
  for i, value in ipairs(change.set or {}) do
    local p, text = lookup(value.key), ARGV[1 + i]
    local last = now + units(value.life) * UNIT
    if p and value.append then
      if #p.data + #text <= 4096 then text = p.data .. text end
      last = math.max(last, p['until'])
    end
    put(value.key, {value = true, ['until'] = last, data = text})
  end
  redis.call('SET', KEYS[1], '', 'PX', 10000)
end

for r in pairs(cleared) do redis.call('DEL', KEYS[r]) end
for r = 2, #KEYS do
  local set, removed, last = {'t', integer(now)}, {}, 0
  for _, key in ipairs(keysOf[r]) do
    local p = dirty[key] and read[key]
    if p then
      set[#set + 1], set[#set + 2] = change.fields[key], format(p)
      last = math.max(last, p['until'])
    elseif dirty[key] then
      removed[#removed + 1] = change.fields[key]
    end
  end
  if #removed > 0 then redis.call('HDEL', KEYS[r], unpack(removed)) end
  if last > 0 then
    redis.call('HSET', KEYS[r], unpack(set))
    redis.call('PEXPIRE', KEYS[r], math.max(redis.call('PTTL', KEYS[r]), math.ceil((last - server) / 1000))) -- Redis expires by its own clock
  elseif #removed > 0 and redis.call('HLEN', KEYS[r]) <= 1 then
    redis.call('DEL', KEYS[r])
  end
end
return {refused, math.ceil(retryAfter), challenge, marks, data, over, integer(now), taken}
