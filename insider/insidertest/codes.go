package insidertest

import (
	"slices"
	"strings"
	"time"
)

// sentCode is a code that went to a phone.
type sentCode struct {
	id          string // of its message
	channel     string
	code        string
	callback    string
	expires     time.Time
	wrong, max  int // attempts
	used        bool
	lockedUntil time.Time // LockOutlivesGenerate: the end of an earlier code whose attempts were used up
}

// live is a code that has neither expired nor been used. One whose attempts are used up is still live: it is
// found, and refused.
func (c *sentCode) live(now time.Time) bool { return !c.used && now.Before(c.expires) }

func (c *sentCode) exhausted(now time.Time) bool {
	return c.wrong >= c.max || now.Before(c.lockedUntil)
}

// equals compares digit for digit, unless asked to compare as numbers.
func (c *sentCode) equals(code string, asNumbers bool) bool {
	if asNumbers {
		return strings.TrimLeft(c.code, "0") == strings.TrimLeft(code, "0")
	}
	return c.code == code
}

// codebook holds the codes of the account by phone number, oldest first. It keeps one per channel, unless
// told to keep all. It is invented: the pages do not say what a second code does to the first.
type codebook struct {
	numbers map[string][]*sentCode
	sweepAt int // how many numbers there are when those without a live code are dropped
}

// add stores a new code of a number, and returns those that it replaces.
func (b *codebook) add(to string, c *sentCode, now time.Time, keepOlder bool) (replaced []*sentCode) {
	if b.numbers == nil {
		b.numbers, b.sweepAt = make(map[string][]*sentCode), 1024
	}
	if len(b.numbers) >= b.sweepAt {
		b.sweep(now)
	}
	b.numbers[to] = append(slices.DeleteFunc(b.numbers[to], func(old *sentCode) bool {
		if old.live(now) && (keepOlder || old.channel != c.channel) {
			return false
		}
		if old.live(now) {
			replaced = append(replaced, old)
		}
		return true
	}), c)
	return replaced
}

// live lists the live codes of a number, newest first.
func (b *codebook) live(to string, now time.Time) []*sentCode {
	var live []*sentCode
	for _, c := range slices.Backward(b.numbers[to]) {
		if c.live(now) {
			live = append(live, c)
		}
	}
	return live
}

// last is the newest code of a number, live or not; nil = none.
func (b *codebook) last(to string) *sentCode {
	codes := b.numbers[to]
	if len(codes) == 0 {
		return nil
	}
	return codes[len(codes)-1]
}

// lockedUntil is how long a number stays locked by codes whose attempts are used up.
func (b *codebook) lockedUntil(to string, now time.Time) (until time.Time) {
	for _, c := range b.live(to, now) {
		if c.wrong >= c.max && c.expires.After(until) {
			until = c.expires
		}
		if c.lockedUntil.After(until) {
			until = c.lockedUntil
		}
	}
	return until
}

// inUse are the live codes of all numbers.
func (b *codebook) inUse(now time.Time) map[string]bool {
	codes := make(map[string]bool)
	for _, sent := range b.numbers {
		for _, c := range sent {
			if c.live(now) {
				codes[c.code] = true
			}
		}
	}
	return codes
}

// callback is that of the newest SMS code.
func (b *codebook) callback(to string) (string, bool) {
	for _, c := range slices.Backward(b.numbers[to]) {
		if c.channel == sms {
			return c.callback, c.callback != ""
		}
	}
	return "", false
}

// sweep keeps a server that runs for long from filling the memory with numbers it has done with.
func (b *codebook) sweep(now time.Time) {
	for to := range b.numbers {
		if len(b.live(to, now)) == 0 {
			delete(b.numbers, to)
		}
	}
	b.sweepAt = max(1024, 2*len(b.numbers))
}
