package otp

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// pacer keeps a [Rate] of a second or less on the client's clock: no window holds more than the bucket's burst and what
// refills in it, which together are at most Events. The network spreads requests by as much as such a window is long,
// so that slots would cost more than they keep.
//
// The bucket is only asked for what it has now, never for reservations: one that is given up does not come back whole.
type pacer struct {
	line

	bucket *rate.Limiter
}

func newPacer(r Rate) *pacer {
	burst := max(1, r.Events/10)
	refill := rate.Limit(float64(r.Events-burst) / r.Per.Seconds())
	if r.Events == 1 { // nothing is left to refill with: one, and the next a window later
		refill = rate.Every(r.Per + slack)
	}
	return &pacer{line: line{rate: r}, bucket: rate.NewLimiter(refill, burst)}
}

func (p *pacer) Wait(ctx context.Context) error {
	_, err := p.pass(ctx, p)
	return err
}

func (p *pacer) Acquire(ctx context.Context) (func(Outcome), error) {
	if err := p.Wait(ctx); err != nil {
		return nil, err
	}
	return func(Outcome) {}, nil
}

func (p *pacer) take(now time.Time) (uint64, bool) { return 0, p.bucket.AllowN(now, 1) }

func (p *pacer) next(now time.Time) time.Duration { return p.forecast(now, 0) }

func (p *pacer) forecast(now time.Time, ahead int) time.Duration {
	missing := float64(ahead+1) - p.bucket.TokensAt(now)
	seconds := missing / float64(p.bucket.Limit())
	return max(0, time.Duration(seconds*float64(time.Second))) + 1 // the division may round down
}
