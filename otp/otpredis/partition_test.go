//go:build unix

package otpredis_test

import (
	"context"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

// partition is a hook that keeps a process away from a Redis that answers others.
type partition struct {
	counter

	on atomic.Bool
}

func (p *partition) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if p.on.Load() {
			return errBroken
		}
		return next(ctx, cmd)
	}
}

// Others get the slots with which a process goes on that Redis does not answer. docs/limits.md says
// how many that are.
func TestPartitionedProcessExceedsByItsOwnSlots(t *testing.T) {
	t.Parallel()
	const own = 3
	rate := otp.Rate{Events: 5, Per: time.Second}
	for name, c := range map[string]struct {
		opts []otpredis.Option
		over int
	}{
		"default":       {nil, own},
		"share of two":  {[]otpredis.Option{otpredis.WithLocalShare(otp.Rate{Events: 2, Per: time.Second})}, 2},
		"without share": {[]otpredis.Option{otpredis.WithoutLocalShare()}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			addr := anyRedis(t)
			cut, client := &partition{}, connectByDefault(t, addr)
			client.AddHook(cut)
			away := defaultLimiter(t, client, rate, c.opts...)
			other := defaultLimiter(t, connectByDefault(t, addr), rate)
			start := time.Now()
			var mu sync.Mutex
			var arrivals []time.Duration
			send := func(ctx context.Context, l *otpredis.Limiter) {
				done, err := l.Acquire(ctx)
				if err != nil {
					time.Sleep(50 * time.Millisecond)
					return
				}
				mu.Lock()
				arrivals = append(arrivals, time.Since(start))
				mu.Unlock()
				done(otp.OutcomeAccepted)
			}
			for range own {
				send(t.Context(), away)
			}
			cut.on.Store(true)
			over := timeout(t, 10*time.Second)
			var senders sync.WaitGroup
			for _, l := range []*otpredis.Limiter{away, away, away, other, other, other} {
				senders.Go(func() {
					for over.Err() == nil {
						send(over, l)
					}
				})
			}
			time.Sleep(6 * time.Second)
			cut.on.Store(false)
			back := time.Since(start) + 2*time.Second // by then it has asked again
			senders.Wait()

			slices.Sort(arrivals)
			most, _ := worstWindow(arrivals, rate)
			assert.LessOrEqual(t, most, rate.Events+c.over)
			after, _ := slices.BinarySearch(arrivals, back)
			most, _ = worstWindow(arrivals[after:], rate)
			assert.LessOrEqual(t, most, rate.Events)
			assert.Less(t, after, len(arrivals), "they go on")
		})
	}
}
