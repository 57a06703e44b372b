package owncode

import (
	"context"
	"crypto/subtle"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// Verify checks a code, in one round trip to the store, which counts the attempt before anybody
// learns whether the code was right. A right code is accepted once, however many ask at the same
// time. The error of a wrong one has its AttemptsLeft, unless it could be nobody's code and was not
// counted.
//
// When the store fails, the code may be used up anyway: let the person type it once more, and
// then ask for a new one.
func (p *Provider) Verify(ctx context.Context, v otp.Verification, typed string) error {
	k, start := p.core(), time.Now()
	err := k.verify(ctx, v, typed)
	k.log(ctx, opVerify, v.To, start, err)
	return err
}

// attempt is what one verification asks of the store, on memory that is used again: no store keeps
// it.
type attempt struct {
	unless [1]string
	marks  [1]string
	take   [1]guard.Limit
	set    [1]guard.Value
}

func (k *core) verify(ctx context.Context, v otp.Verification, typed string) error {
	code, err := k.read(v, typed)
	if err != nil {
		return k.failed(opVerify, err)
	}
	if err = k.ended(ctx, opVerify); err != nil {
		return err
	}
	i, known := parseID(v.ID)
	key := k.keyOf(i)
	if !known || key == nil {
		return k.rejected(otp.ErrNotFound, -1)
	}
	d, t := key.derive(i, guard.CallerFrom(ctx).Purpose, v.To), i.terms()
	right := d.isRight(t, code)
	a, _ := k.attempts.Get().(*attempt)
	if a == nil {
		a = new(attempt)
	}
	defer k.attempts.Put(a)
	a.unless[0], a.marks[0] = d.used, d.sent
	a.take[0] = guard.Limit{Key: d.tried, Window: t.ttl, Max: t.attempts}
	a.set[0] = guard.Value{Key: d.used, For: t.ttl}
	c := guard.Change{Unless: a.unless[:], Marks: a.marks[:], Take: a.take[:], Get: d.newest}
	if right {
		c.Set = a.set[:]
	}
	result, err := k.change(ctx, opVerify, c)
	if err != nil {
		return err
	}
	return k.verdict(i, v.ID, t, right, result)
}

// read returns the code in what was typed.
func (k *core) read(v otp.Verification, typed string) (string, error) {
	if v.Provider != k.name {
		return "", check.Misconfigured("provider", "must be this one: the verification belongs to another")
	}
	if err := otp.CheckRecipient(v.To); err != nil {
		return "", err
	}
	return otp.TypedCode(typed)
}

// keyOf is the key that has made an id; nil = none of ours.
func (k *core) keyOf(i id) *key {
	for _, key := range k.keys {
		if key.tag == i.tag() {
			return key
		}
	}
	return nil
}

// isRight compares in constant time.
func (d *derived) isRight(t terms, typed string) bool {
	if t.letters {
		typed = strings.ToUpper(typed)
	}
	var given [len(d.code)]byte
	copy(given[:], typed)
	equal := subtle.ConstantTimeCompare(given[:d.length], d.code[:d.length])
	return equal&subtle.ConstantTimeEq(int32(len(typed)), int32(d.length)) == 1 //nolint:gosec // a code is short
}

// verdict reads what the store says. An id that is not the newest has ended, whatever else was
// changed: nothing makes it the newest again.
func (k *core) verdict(i id, text string, t terms, right bool, r guard.Result) error {
	const unknown = -1
	switch {
	case r.Refused == guard.RefusedByUnless:
		return k.rejected(otp.ErrAlreadyVerified, unknown)
	case (r.Data == nil || r.Marks != known) && time.Now().Before(i.expires()):
		return k.rejected(otp.ErrNotFound, unknown)
	case string(r.Data) != text || r.Marks != known: // too old, or a newer code was sent
		return k.rejected(otp.ErrExpired, unknown)
	case r.Refused != guard.RefusedByNone:
		return k.rejected(otp.ErrTooManyAttempts, 0)
	case right:
		return nil
	}
	return k.rejected(otp.ErrWrongCode, max(0, t.attempts-r.Taken[0].N))
}

// rejected is a verdict. A negative number of attempts is not known.
func (k *core) rejected(kind otp.Kind, attemptsLeft int) error {
	failure := &struct {
		otp.Error
		left int
	}{left: attemptsLeft}
	failure.Error = otp.Error{Provider: k.name, Op: opVerify, Kind: kind, Outcome: otp.OutcomeAccepted}
	if attemptsLeft >= 0 {
		failure.AttemptsLeft = &failure.left
	}
	return &failure.Error
}
