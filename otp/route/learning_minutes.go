package route

import (
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// counts are the sends of a minute, and what became of them.
type counts [4]int

// What is counted: sends, their codes that were typed, sends that have not arrived by other news,
// and typed codes of resends.
const (
	sent = iota
	typed
	bad
	retyped
)

func (n counts) plus(m counts, sign int) counts {
	for k := range n {
		n[k] += sign * m[k]
	}
	return n
}

// most has the larger of each.
func (n counts) most(m counts) counts {
	for k := range n {
		n[k] = max(n[k], m[k])
	}
	return n
}

// open are the sends of which nothing is known yet.
func (n counts) open() int { return n[sent] - n[typed] - n[bad] }

// minute is the sends of one provider in one minute, until their time is over.
type minute struct {
	at       int64 // since 1970
	sum, own counts
}

type dueMinute struct {
	at   int64
	cell *cell
	i    int
}

const inMinute = int64(time.Minute / time.Second)

// countAt counts something of a send in its minute, unless that is over. A send that does not say
// when it was belongs to the newest minute of which something is not known.
func (l *learner) countAt(c *cell, i int, v otp.Verification, n counts) {
	at, age := l.now.Unix()/inMinute, l.now.Sub(v.SentAt)
	switch {
	case v.SentAt.IsZero() && n[sent]+n[retyped] == 0:
		at = 0
		for _, m := range c.arms[i].minutes {
			if m.sum.open() > 0 {
				at = m.at
			}
		}
		if at == 0 {
			return
		}
	case v.SentAt.IsZero() || age <= 0 || n == counts{sent: 1} && age > l.window:
	case age > l.window:
		return
	default:
		at = v.SentAt.Unix() / inMinute
	}
	m := l.minuteAt(c, i, at)
	if n[bad] > 0 && m.sum.open() <= 0 {
		return
	}
	m.own = m.own.plus(n, 1)
	l.add(c, i, m, n)
}

func (l *learner) minuteAt(c *cell, i int, at int64) *minute {
	a := &c.arms[i]
	for k := range a.minutes {
		if a.minutes[k].at == at {
			return &a.minutes[k]
		}
	}
	a.minutes = append(a.minutes, minute{at: at})
	l.due = append(l.due, dueMinute{at, c, i})
	return &a.minutes[len(a.minutes)-1]
}

// add counts something in a minute, and what it teaches. Who asks again is not like others, so what
// becomes of a resend only shows that a provider is back.
func (l *learner) add(c *cell, i int, m *minute, n counts) {
	m.sum = m.sum.plus(n, 1)
	l.learn(c, i, true, n[typed])
	l.learn(c, i, false, n[bad])
	if c.hasFallen(i) {
		l.learn(c, i, true, n[retyped])
	}
}

// settle counts as not typed what was not typed in time.
func (l *learner) settle() {
	after := inMinute + int64(l.window/time.Second)
	if l.store != nil {
		after += 20 // until the other machines have reported
	}
	for len(l.due) > 0 && l.due[0].at*inMinute+after <= l.now.Unix() {
		d := l.due[0]
		l.due = l.due[1:]
		a := &d.cell.arms[d.i]
		k := slices.IndexFunc(a.minutes, func(m minute) bool { return m.at == d.at })
		n := a.minutes[k].sum
		a.minutes = slices.Delete(a.minutes, k, k+1)
		l.learn(d.cell, d.i, false, n.open())
		if n.open() < 0 { // typed after bad news
			wrong := float64(min(-n.open(), n[bad]))
			a.forget(0, wrong)
			d.cell.all.arms[d.i].forget(0, wrong)
		}
	}
}

// table holds a value for each of a fixed number of things, by their hashes. A new one takes the
// place of an old one.
type table [2048]struct {
	hash  uint32
	at    uint32 // seconds since 1970
	value uint8
}

func (t *table) get(hash uint32, now time.Time, life time.Duration) (value uint8, found bool) {
	e := &t[hash%uint32(len(t))]
	return e.value, e.hash == hash && e.at != 0 && now.Unix()-int64(e.at) < int64(life/time.Second)
}

func (t *table) set(hash uint32, value uint8, now time.Time) {
	e := &t[hash%uint32(len(t))]
	e.hash, e.at, e.value = hash, uint32(now.Unix()), value //nolint:gosec // until 2106
}

// What a send counts that does not count as usual.
const (
	usual    = uint8(iota)
	doubtful // nothing
	resent   // only when it is typed and the provider has fallen
	extra    // only when it is typed
)

// A range of numbers, which is all but the last four digits, may fail as often as codes are typed
// in it, and once an hour. Robots do not type, so they cannot make a provider look bad.
func (t *table) spend(h uint32, now time.Time) bool {
	allowed, found := t.get(h, now, time.Hour)
	if !found {
		allowed = 1
	}
	if allowed == 0 {
		return false
	}
	t.set(h, allowed-1, now)
	return true
}

func (t *table) earn(h uint32, now time.Time) {
	const most = 10
	allowed, _ := t.get(h, now, time.Hour)
	t.set(h, min(allowed+2, most), now) // what the send has spent, and one more
}

func rangeOf(number string) string { return number[:max(len(number)-4, 0)] }

// hash is FNV-1a, from a beginning that nobody outside knows: ranges that push each other out
// cannot be chosen.
func (l *learner) hash(texts ...string) uint32 {
	h := uint32(2166136261) ^ l.salt
	for _, text := range texts {
		for _, b := range []byte(text) {
			h = (h ^ uint32(b)) * 16777619
		}
	}
	return h
}
