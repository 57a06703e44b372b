package otp

import (
	"context"
	"time"

	"golang.org/x/time/rate"
)

// pacer keeps a [Rate] of a second or less on the client's clock: no window holds more than the bucket's burst and what
// refills in it, which together are at most Events. The network spreads requests by as much as such a window is long,
// so that slots would cost more than they keep.
type pacer struct {
	rate   Rate
	bucket *rate.Limiter
}

func newPacer(r Rate) *pacer {
	burst := max(1, r.Events/10)
	refill := rate.Limit(float64(r.Events-burst) / r.Per.Seconds())
	if r.Events == 1 { // nothing is left to refill with: one, and the next a window later
		refill = rate.Every(r.Per + slack)
	}
	return &pacer{rate: r, bucket: rate.NewLimiter(refill, burst)}
}

func (p *pacer) Wait(ctx context.Context) error {
	if ctx.Err() != nil {
		return interrupted(p.rate, ctx)
	}
	place := p.bucket.Reserve()
	wait := place.Delay()
	if wait == 0 {
		return nil
	}
	if endsTooSoon(ctx, wait) {
		place.Cancel()
		return overLimit(p.rate, wait, nil)
	}
	timer := time.NewTimer(wait)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		place.Cancel()
		return interrupted(p.rate, ctx)
	}
}

func (p *pacer) Acquire(ctx context.Context) (func(), error) {
	if err := p.Wait(ctx); err != nil {
		return nil, err
	}
	return func() {}, nil
}
