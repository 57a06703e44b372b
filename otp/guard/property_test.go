package guard_test

import (
	"context"
	"errors"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// tape is a vendor whose next answer is set, and that remembers what has taken effect.
type tape struct {
	*instant

	next   error
	ids    int
	sent   map[string][]time.Time // codes that a number may hold
	judged map[string]int         // codes that were judged, or may have been, since the last right one: by number and by ID
	right  map[string]int
}

func (p *tape) Send(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
	if otp.OutcomeOf(p.next) == otp.OutcomeNotSent {
		return otp.Verification{}, p.next
	}
	p.ids++
	p.sent[req.To] = append(p.sent[req.To], time.Now())
	return otp.Verification{Provider: "main", ID: strconv.Itoa(p.ids), To: req.To}, p.next
}

func (p *tape) Verify(_ context.Context, v otp.Verification, _ string) error {
	if otp.OutcomeOf(p.next) != otp.OutcomeNotSent {
		p.judged[v.To]++
		p.judged[v.ID]++
	}
	if p.next == nil {
		p.right[v.ID]++
	}
	return p.next
}

const (
	mostSends    = 3
	mostAttempts = 2
	mostWrong    = 5
	window       = time.Hour
	gap          = time.Minute
)

// Whatever comes in whatever order, and whatever the vendor answers: no limit is exceeded, nothing
// that was judged is given back, nothing serves twice; and nothing is refused without a reason.
func TestLimitsHoldWhateverHappens(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { rapid.Check(plain{t}, checkLimits) })
}

func checkLimits(t *rapid.T) {
	vendor := &tape{instant: newInstant(), sent: map[string][]time.Time{}, judged: map[string]int{}, right: map[string]int{}}
	g, err := guard.New(
		vendor, only(guard.RuleCooldown, guard.RuleNumber), guard.WithCooldown(gap),
		guard.WithNumberLimit(otp.Rate{Events: mostSends, Per: window}), guard.WithAttempts(mostAttempts),
		guard.WithWrongCodeLimit(otp.Rate{Events: mostWrong, Per: 24 * time.Hour}),
	)
	require.NoError(t, err)
	numbers := []string{number, "+33612345678"}
	untyped := map[string][]time.Time{}
	handles := []otp.Verification{{Provider: "main", ID: "forged", To: number}}

	t.Repeat(map[string]func(*rapid.T){
		"send": func(t *rapid.T) {
			to := rapid.SampledFrom(numbers).Draw(t, "to")
			vendor.next = anyOutcome(t)
			before := len(vendor.sent[to])
			v, err := g.Send(background, otp.SendRequest{To: to})
			if len(vendor.sent[to]) > before {
				handles = append(handles, v)
				untyped[to] = append(untyped[to], time.Now())
			}
			requireSendLimits(t, vendor.sent[to], untyped[to])
			requireReason(t, err, vendor.sent[to], untyped[to])
		},
		"verify": func(t *rapid.T) {
			v := rapid.SampledFrom(handles).Draw(t, "handle")
			if rapid.Bool().Draw(t, "forged") {
				v.To = rapid.SampledFrom(numbers).Draw(t, "to")
			}
			vendor.next = anyVerdict(t)
			err := g.Verify(background, v, "123456")
			require.LessOrEqual(t, vendor.judged[v.ID], mostAttempts)
			require.LessOrEqual(t, vendor.judged[v.To], mostWrong)
			if err == nil {
				require.Equal(t, 1, vendor.right[v.ID], "a verification serves once")
				vendor.judged[v.To] = 0
				if v.ID != "forged" {
					untyped[v.To] = nil // the person's codes are given back
				}
			}
		},
		"wait": func(*rapid.T) { time.Sleep(gap / 2) },
	})
}

func requireSendLimits(t *rapid.T, sent, untyped []time.Time) {
	if last := len(sent) - 1; last >= 1 {
		require.GreaterOrEqual(t, sent[last].Sub(sent[last-1]), gap)
	}
	if last := len(untyped) - 1; last >= mostSends {
		require.GreaterOrEqual(t, untyped[last].Sub(untyped[last-mostSends]), window)
	}
}

// requireReason requires that only a limit that is near refuses.
func requireReason(t *rapid.T, err error, sent, untyped []time.Time) {
	if err == nil {
		return
	}
	var refusal *guard.Refusal
	if !errors.As(err, &refusal) {
		return // the vendor's own failure
	}
	require.NotEmpty(t, sent, "what was given back refuses nothing")
	since := time.Since(sent[len(sent)-1])
	if refusal.Rule == guard.RuleCooldown {
		require.Less(t, since, gap)
		require.GreaterOrEqual(t, refusal.RetryAfter, gap-since)
		return
	}
	require.Equal(t, guard.RuleNumber, refusal.Rule)
	require.GreaterOrEqual(t, len(untyped), mostSends)
	require.Less(t, time.Since(untyped[len(untyped)-mostSends]), window)
}

func anyOutcome(t *rapid.T) error {
	return rapid.SampledFrom([]error{
		nil, nil,
		&otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent},
		&otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown},
		&otp.Error{Kind: otp.ErrProtocol, Outcome: otp.OutcomeAccepted},
	}).Draw(t, "outcome")
}

func anyVerdict(t *rapid.T) error {
	wrong := &otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted}
	return rapid.SampledFrom([]error{
		nil, wrong, wrong,
		&otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent},
		&otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown},
	}).Draw(t, "verdict")
}
