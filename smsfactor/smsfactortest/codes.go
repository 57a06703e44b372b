package smsfactortest

import "time"

// sentCode is a code that went to a phone.
type sentCode struct {
	to, code   string
	expires    time.Time
	wrong, max int // attempts
	used       bool
	cancelled  bool // by a newer code, see Quirks.NewestCodeOnly
	sending    Sending
}

func (c *sentCode) exhausted() bool { return c.wrong >= c.max }

func (c *sentCode) dead(now time.Time) bool { return c.used || c.cancelled || !now.Before(c.expires) }

// keepCodes is how many codes the book holds before it looks for dead ones.
const keepCodes = 10_000

// codebook holds the codes of the account, dead ones included: an expired code has an answer of its own.
type codebook struct {
	tokens  map[string]*sentCode
	newest  map[string]*sentCode // by number
	locked  map[string]time.Time // until when a number has a code whose attempts are used up
	sweepAt int                  // how many codes there are when the dead ones are dropped
}

func newCodebook() codebook {
	return codebook{
		tokens:  make(map[string]*sentCode),
		newest:  make(map[string]*sentCode),
		locked:  make(map[string]time.Time),
		sweepAt: keepCodes,
	}
}

// add stores a new code of a number.
func (b *codebook) add(c *sentCode, now time.Time) {
	if len(b.tokens) >= b.sweepAt {
		b.sweep(now)
	}
	b.tokens[c.sending.Token], b.newest[c.to] = c, c
}

// countWrong counts a wrong attempt.
func (b *codebook) countWrong(c *sentCode) {
	c.wrong++
	if c.exhausted() {
		b.locked[c.to] = c.expires
	}
}

// sweep keeps a server that runs for long from filling the memory with codes it has done with. They are not
// found any more, not even as expired.
func (b *codebook) sweep(now time.Time) {
	for token, c := range b.tokens {
		if c.dead(now) {
			delete(b.tokens, token)
		}
	}
	for to, c := range b.newest {
		if c.dead(now) {
			delete(b.newest, to)
		}
	}
	for to, until := range b.locked {
		if !now.Before(until) {
			delete(b.locked, to)
		}
	}
	b.sweepAt = max(keepCodes, 2*len(b.tokens))
}
