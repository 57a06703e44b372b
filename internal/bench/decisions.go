package main

import (
	"context"
	"errors"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// The targets of one decision of a limiter that is free.
const (
	nanosecondsOfADecision = 250
	allocationsOfADecision = 1
)

// limited is a rate, and how many requests it lets go at once.
type limited struct {
	rate otp.Rate
	free int
}

func limits() []limited {
	return []limited{
		{otp.Rate{Events: 250, Per: time.Minute}, 250},
		{otp.Rate{Events: 750, Per: time.Second}, 75},
	}
}

// decide takes what is free of a new limiter, as a send does: Acquire, and done.
func (l limited) decide(ctx context.Context) batch {
	return func(n int) (time.Duration, error) {
		var took time.Duration
		for n > 0 {
			limiter, ok := l.rate.Limiter().(otp.Acquirer)
			if !ok {
				return 0, errors.New("the limiter is no otp.Acquirer")
			}
			start := time.Now()
			for range min(n, l.free) {
				done, err := limiter.Acquire(ctx)
				if err != nil {
					return 0, err
				}
				done(otp.OutcomeAccepted)
			}
			took += time.Since(start)
			n -= l.free
		}
		return took, nil
	}
}

func measureDecisions(ctx context.Context, t *table, e effort) error {
	for _, l := range limits() {
		decide := l.decide(ctx)
		var times []float64
		for start := time.Now(); len(times) < e.decisions.rounds || time.Since(start) < e.decisions.lasts; {
			took, err := decide(l.free)
			if err != nil {
				return err
			}
			times = append(times, float64(took)/float64(l.free))
		}
		each, err := allocations(10*l.free, decide)
		if err != nil {
			return err
		}
		what := "a limiter's decision when free, " + l.rate.String()
		t.absolute(what, nanoseconds(median(times)),
			nanoseconds(nanosecondsOfADecision), median(times) < nanosecondsOfADecision)
		t.absolute(what+": allocations", count(each), count(allocationsOfADecision), each <= allocationsOfADecision)
	}
	return nil
}
