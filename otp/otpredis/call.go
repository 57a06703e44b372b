package otpredis

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/redis/go-redis/v9"
)

// server is Redis, behind a client that may be slow, hang, panic, or know nothing of deadlines.
type server struct {
	client  redis.Scripter
	timeout time.Duration
}

// call is one run of a script.
type call struct {
	script *redis.Script
	keys   []string
	args   []any
	read   func(reply any) error // keeps the reply; after an error, nobody may look at it
}

// run returns when the script has replied, when ctx ends, or when the server's time is up,
// the earlier of the two. The script has its whole time even if ctx is over before.
//
// It takes a goroutine, because a client may ignore contexts: go-redis does unless it is told
// otherwise, and even then it does not notice that one is cancelled. The goroutine ends when the
// client returns.
func (s server) run(ctx context.Context, c call) error {
	own, cancel := context.WithTimeout(context.WithoutCancel(ctx), s.timeout)
	replied := make(chan error, 1)
	go func() {
		defer cancel()
		replied <- s.ask(own, c)
	}()
	select {
	case err := <-replied:
		return err
	case <-ctx.Done():
		return ctx.Err()
	case <-own.Done():
	}
	select {
	case err := <-replied: // own is over because it has replied
		return err
	default:
		return s.noAnswer()
	}
}

// ask is what may take longer than it is allowed to.
func (s server) ask(ctx context.Context, c call) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = errors.New("redis: the client panicked")
		}
	}()
	reply, err := c.script.Run(ctx, s.client, c.keys, c.args...).Result()
	switch {
	case err == nil:
		return c.read(reply)
	case ctx.Err() != nil:
		return s.noAnswer()
	default:
		return fmt.Errorf("redis: %w", err)
	}
}

// noAnswer is no context.DeadlineExceeded: that is what a caller's own deadline is.
func (s server) noAnswer() error { return fmt.Errorf("redis: no answer within %s", s.timeout) }

var (
	errReply = errors.New("redis: a reply that no script of this package gives")
	errSlow  = errors.New("redis: no answer in the time that there was")
)

// micros rounds up, so that nothing is shorter than it was asked for.
func micros(d time.Duration) int64 {
	return (d + time.Microsecond - 1).Microseconds()
}
