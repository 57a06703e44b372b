package otpredis

import (
	"context"
	"crypto/rand"
	_ "embed" // for the scripts
	"errors"
	"fmt"
	"log/slog"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"github.com/redis/go-redis/v9"

	"github.com/otp-sdk/otp-go/otp"
)

//go:embed take.lua
var takeScript string

//go:embed release.lua
var releaseScript string

// slack keeps a request that travels faster than the one before it out of the earlier request's window.
const slack = 5 * time.Millisecond

// longestFlight is how long a request may be under way. A deadline may be thousands of years away.
const longestFlight = 24 * time.Hour

// Limiter keeps an otp.Rate for all processes that use one vendor account. It is an otp.Limiter and an otp.Acquirer, safe
// for concurrent use, and needs no Close; the client is the caller's to close.
type Limiter struct {
	name   string
	rate   otp.Rate
	lease  time.Duration
	share  otp.Acquirer // nil = refuse
	health health

	server        server
	take, release *redis.Script
	keys          []string
	process       string        // begins the tokens of this process
	tokens        atomic.Uint64 // how many there were

	turn chan struct{} // held by whoever asks for a slot, so that there is one at a time, and in order
	seen string        // the record that the turn's last holder saw
	line line

	shared, local atomic.Uint64
}

var _ interface {
	otp.Limiter
	otp.Acquirer
} = (*Limiter)(nil)

// Stats is what a [Limiter] of this process has done since it was made.
type Stats struct {
	Shared   uint64 // requests that Redis has let go
	Local    uint64 // requests that the local share has let go while Redis was down
	Failures uint64 // calls of Redis that failed
	Down     bool   // whether the last call failed
}

// NewLimiter returns a limiter that keeps rate in Redis, under the name, which is that of the account: 1 to 64 letters,
// digits, "-", "_" or ".", the first a letter or digit. All its processes must be given the same name and rate. It makes
// no call; a bad argument or option is refused with an *otp.Error of kind otp.ErrMisconfigured that names the field. The
// zero rate, which is no limit, is refused, too.
//
// The promise is that of otp.Rate for windows longer than a second, and it is kept for shorter ones, too, at the price
// of using less of them: a slot is taken before each request, and is free again Per and a few milliseconds after its
// answer, so that no window at the vendor ever holds more than Events.
func NewLimiter(client redis.Scripter, name string, rate otp.Rate, opts ...Option) (*Limiter, error) {
	c, err := configure(client, name, opts)
	if err != nil {
		return nil, err
	}
	if !isLimit(rate) {
		return nil, misconfigured("rate", "must be a limit: positive events in a positive window of 366 days at most")
	}
	prefix := "otp:limit:{" + name + "}:"
	return &Limiter{
		name: name, rate: rate, lease: c.lease, share: localShare(c, rate),
		health:  health{name: name, logger: c.logger},
		server:  server{client: client, timeout: c.timeout},
		take:    redis.NewScript(takeScript),
		release: redis.NewScript(releaseScript),
		keys:    []string{prefix + "slots", prefix + "record"},
		process: rand.Text(),
		turn:    make(chan struct{}, 1),
	}, nil
}

// localShare returns nil when there is none.
func localShare(c config, rate otp.Rate) otp.Acquirer {
	if c.refuse {
		return nil
	}
	share := c.share
	if share == (otp.Rate{}) {
		share = otp.Rate{Events: max(1, rate.Events/10), Per: rate.Per}
	}
	return share.Limiter().(otp.Acquirer)
}

// Stats returns how the limiter has fared.
func (l *Limiter) Stats() Stats {
	l.health.mu.Lock()
	defer l.health.mu.Unlock()
	return Stats{
		Shared: l.shared.Load(), Local: l.local.Load(),
		Failures: l.health.failures, Down: l.health.cause != nil,
	}
}

// Wait is Acquire and done at once, in one call of Redis.
func (l *Limiter) Wait(ctx context.Context) error {
	done, err := l.pass(ctx, wanted{token: l.token()})
	if err != nil {
		return err
	}
	done(otp.OutcomeAccepted)
	return nil
}

// Acquire waits for a slot. Callers of one process are served in the order in which they come. A wait that cannot end
// before the context's deadline fails at once, as otp.ErrRateLimited with RetryAfter; every error has otp.OutcomeNotSent.
//
// The request must end when ctx does, and within 24 hours, because its slot is only kept for so long. Done calls Redis,
// too, and takes no longer than one such call may.
func (l *Limiter) Acquire(ctx context.Context) (done func(otp.Outcome), err error) {
	w := wanted{token: l.token(), flight: l.lease, answered: true}
	if deadline, ok := ctx.Deadline(); ok {
		w.flight = min(max(0, time.Until(deadline)), longestFlight)
	}
	return l.pass(ctx, w)
}

// wanted is the slot that one caller wants.
type wanted struct {
	token    string
	flight   time.Duration // how long its request may be under way
	answered bool          // whether the caller tells when it is answered
}

func (l *Limiter) token() string {
	return l.process + strconv.FormatUint(l.tokens.Add(1), 36)
}

// pass returns when the caller has a slot, or one of the local share.
func (l *Limiter) pass(ctx context.Context, w wanted) (done func(otp.Outcome), err error) {
	if err = ended(ctx); err != nil {
		return nil, err
	}
	err = l.passRedis(ctx, w)
	if down := (*downError)(nil); errors.As(err, &down) {
		return l.passShare(ctx, down)
	}
	if err != nil {
		return nil, err
	}
	l.shared.Add(1)
	if !w.answered {
		return func(otp.Outcome) {}, nil
	}
	once := sync.OnceFunc(func() { l.free(w.token, l.rate.Per+slack) })
	return func(otp.Outcome) { once() }, nil
}

func (l *Limiter) passShare(ctx context.Context, down *downError) (done func(otp.Outcome), err error) {
	if l.share == nil {
		return nil, unavailable(otp.OutcomeNotSent, down)
	}
	done, err = l.share.Acquire(ctx)
	if refused := (*otp.Error)(nil); errors.As(err, &refused) && refused.Kind == otp.ErrRateLimited {
		refused.Err = fmt.Errorf("%w, which is this process's share while Redis is down: %w", refused.Err, down)
	}
	if err == nil {
		l.local.Add(1)
	}
	return done, err
}

// downError says why Redis was not asked, or did not answer.
type downError struct{ cause error }

func (e *downError) Error() string { return e.cause.Error() }
func (e *downError) Unwrap() error { return e.cause }

// passRedis returns a *downError when Redis cannot say.
func (l *Limiter) passRedis(ctx context.Context, w wanted) error {
	p, wait, err := l.enter(ctx, w)
	if p == nil {
		return err
	}
	defer l.line.leave(p)
	select {
	case <-isFirst(p):
	default:
		wait = 0 // what it was told is old by the time that it is the first
		select {
		case <-isFirst(p):
		case <-ctx.Done():
			return gaveUp(l.rate, ctx.Err())
		}
	}
	for {
		if err = l.sleep(ctx, wait); err != nil {
			return err
		}
		if wait, err = l.askAsFirst(ctx, w); wait == 0 || err != nil {
			return err
		}
	}
}

// enter asks once, and joins the line, while it still has the turn, if there was no slot.
func (l *Limiter) enter(ctx context.Context, w wanted) (*place, time.Duration, error) {
	if err := l.takeTurn(ctx); err != nil {
		return nil, 0, err
	}
	defer l.endTurn()
	wait, err := l.ask(ctx, w, l.line.length())
	if wait == 0 || err != nil {
		return nil, 0, err
	}
	return l.line.join(), wait, nil
}

func (l *Limiter) askAsFirst(ctx context.Context, w wanted) (time.Duration, error) {
	if err := l.takeTurn(ctx); err != nil {
		return 0, err
	}
	defer l.endTurn()
	return l.ask(ctx, w, 0)
}

// takeTurn waits for the turn, but not while somebody tries whether Redis is back.
func (l *Limiter) takeTurn(ctx context.Context) error {
	if cause := l.health.failing(); cause != nil {
		select {
		case l.turn <- struct{}{}:
			return nil
		default:
			return &downError{cause}
		}
	}
	select {
	case l.turn <- struct{}{}:
		return nil
	case <-ctx.Done():
		return gaveUp(l.rate, ctx.Err())
	}
}

func (l *Limiter) endTurn() { <-l.turn }

// ask takes a slot that is not needed for those ahead in the line. Otherwise it returns how long until there may be one,
// which is before ctx ends. It is called with the turn.
func (l *Limiter) ask(ctx context.Context, w wanted, ahead int) (wait time.Duration, err error) {
	if cause := l.health.down(); cause != nil {
		return 0, &downError{cause}
	}
	window := micros(l.rate.Per + slack)
	var got grant
	err = l.server.run(ctx, call{
		script: l.take, keys: l.keys,
		args:  []any{w.token, l.rate.Events, window, micros(w.flight), ahead, l.seen, window + micros(l.lease)},
		read:  func(reply any) (err error) { got, err = readGrant(reply); return err },
		ended: l.health.report,
		late:  func() { l.free(w.token, 0) },
	})
	switch {
	case err != nil && ctx.Err() != nil:
		return 0, gaveUp(l.rate, ctx.Err())
	case err != nil:
		return 0, &downError{err}
	}
	if l.seen != "" && l.seen != got.record {
		l.health.log(slog.LevelWarn, "otp limiter: redis has lost its data, waiting a window")
	}
	l.seen = got.record
	if deadline, ok := ctx.Deadline(); ok && got.wait > 0 && time.Until(deadline) < got.wait {
		return 0, overLimit(l.rate, got.wait, nil)
	}
	return got.wait, nil
}

// grant is what take.lua replies.
type grant struct {
	wait   time.Duration // 0 = the slot is taken
	record string
}

func readGrant(reply any) (grant, error) {
	fields, _ := reply.([]any)
	if len(fields) != 2 {
		return grant{}, errReply
	}
	wait, isNumber := fields[0].(int64)
	record, isText := fields[1].(string)
	if !isNumber || wait < 0 || !isText {
		return grant{}, errReply
	}
	return grant{time.Duration(wait) * time.Microsecond, record}, nil
}

// free says that a slot is free after so much time. If that fails, its lease runs out.
func (l *Limiter) free(token string, after time.Duration) {
	if l.health.down() != nil {
		return
	}
	// Not the request's context: the answer has arrived, and the slot is to be free again, whatever became of the caller.
	_ = l.server.run(context.Background(), call{
		script: l.release, keys: l.keys[:1],
		args:  []any{token, micros(after)},
		read:  func(any) error { return nil },
		ended: l.health.report,
	})
}

func (l *Limiter) sleep(ctx context.Context, d time.Duration) error {
	timer := time.NewTimer(d)
	defer timer.Stop()
	select {
	case <-timer.C:
		return nil
	case <-ctx.Done():
		return gaveUp(l.rate, ctx.Err())
	}
}
