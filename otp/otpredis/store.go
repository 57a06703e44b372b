package otpredis

import (
	"context"
	"crypto/rand"
	"encoding/binary"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	_ "embed" // for the script

	"github.com/redis/go-redis/v9"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

//go:embed apply.lua
var applyScript string

// Store keeps what guards have counted, for all processes that share the Redis and the store's name. It is a guard.Store,
// safe for concurrent use, and needs no Close; the client is the caller's to close.
//
// Each change is one script, and so one round trip, and happens as a whole or not at all. If Redis cannot be asked, Apply
// fails and the guard refuses: there is no local share of what people may guess.
type Store struct {
	config

	server    server
	apply     *redis.Script
	prefix    string
	inspected atomic.Bool
}

var _ guard.Store = (*Store)(nil)

// NewStore returns a store whose keys begin with the name: 1 to 64 letters, digits, "-", "_" or ".", the first a letter or
// digit. It takes [WithTimeout], [WithDurable] and [WithLogger]. It makes no call; a bad argument or option is refused
// with an *otp.Error of kind otp.ErrMisconfigured that names the field.
func NewStore(client redis.Scripter, name string, opts ...Option) (*Store, error) {
	c, err := configure(client, name, opts)
	if err != nil {
		return nil, err
	}
	if err := check(c.limiterOnly == "", c.limiterOnly, "is for limiters"); err != nil {
		return nil, err
	}
	return &Store{
		config: c,
		server: server{client: client, timeout: c.timeout},
		apply:  redis.NewScript(applyScript),
		prefix: "otp:guard:{" + name + "}:",
	}, nil
}

// Durable reports whether [WithDurable] was given: what the store does not know was never there, or has
// run out.
func (s *Store) Durable() bool { return s.durable }

// Apply makes one change. It returns when ctx ends, or Redis has not answered in time; the change may happen all the same,
// but never twice. Errors are *otp.Error of kind otp.ErrUnavailable, otp.ErrCanceled, or otp.ErrInvalidRequest for a
// change that breaks a rule. When Redis is full, guard.ErrFull is in it.
func (s *Store) Apply(ctx context.Context, c guard.Change) (guard.Result, error) {
	if err := c.Check(); err != nil {
		return guard.Result{}, &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Err: err}
	}
	if err := ended(ctx); err != nil {
		return guard.Result{}, err
	}
	ask := s.call(c)
	var result guard.Result
	ask.read = func(reply any) (err error) { result, err = decode(reply, c.Take); return err }
	err := s.server.run(ctx, ask)
	switch {
	case err == nil:
		if s.logger != nil && !s.inspected.Swap(true) {
			go logWarnings(context.WithoutCancel(ctx), s.logger, s.server, s.prefix)
		}
		return result, nil
	case errors.Is(err, context.Canceled):
		return guard.Result{}, &otp.Error{Kind: otp.ErrCanceled, Err: err}
	case isFull(err):
		return guard.Result{}, unavailable(otp.OutcomeUnknown, fmt.Errorf("%w: %w", guard.ErrFull, err))
	default:
		return guard.Result{}, unavailable(otp.OutcomeUnknown, err)
	}
}

// isFull reports whether Redis has no room. Redis 6 says so in the midst of an error of the script.
func isFull(err error) bool {
	return redis.HasErrorPrefix(err, "OOM ") || strings.Contains(err.Error(), "-OOM command not allowed")
}

// call encodes the change as apply.lua reads it.
func (s *Store) call(c guard.Change) call {
	id := newID()
	e := encoder{prefix: s.prefix, keys: []string{s.prefix + "change:" + id}}
	e.add(id, len(c.Unless), len(c.Take), len(c.Back), len(c.Good), len(c.Clear), len(c.Set), min(1, len(c.Get)))
	e.key(c.Unless...)
	for _, limit := range c.Take {
		e.limit(limit)
	}
	for _, taken := range c.Back {
		e.key(taken.Key)
		e.add(taken.Mark)
	}
	e.key(c.Good...)
	e.key(c.Clear...)
	for _, value := range c.Set {
		e.key(value.Key)
		e.add(string(value.Data), (value.For + time.Millisecond - 1).Milliseconds())
	}
	if c.Get != "" {
		e.key(c.Get)
	}
	return call{script: s.apply, keys: e.keys, args: e.args}
}

// newID is a change's id, and the mark of what it counts.
func newID() string {
	var b [8]byte
	_, _ = rand.Read(b[:]) // never fails
	return strconv.FormatUint(binary.BigEndian.Uint64(b[:])>>1|1, 10)
}

// encoder collects a script's keys and arguments.
type encoder struct {
	prefix string
	keys   []string
	args   []any
}

func (e *encoder) key(keys ...string) {
	for _, key := range keys {
		e.keys = append(e.keys, e.prefix+"key:"+key)
	}
}

func (e *encoder) add(args ...any) { e.args = append(e.args, args...) }

func (e *encoder) limit(l guard.Limit) {
	e.key(l.Key)
	e.add(micros(l.Window), l.Max, l.Floor, l.Share, l.RecordOnly, len(l.Gaps))
	for _, gap := range l.Gaps {
		e.add(micros(gap))
	}
}

// decode reads what apply.lua returns.
func decode(reply any, limits []guard.Limit) (guard.Result, error) {
	d := decoder{fields: items(reply)}
	result := guard.Result{
		Refused:    d.number(),
		RetryAfter: time.Duration(d.number()) * time.Microsecond,
		Data:       d.data(),
	}
	over, taken := decoder{fields: items(d.next())}, decoder{fields: items(d.next())}
	for len(over.fields) > 0 {
		result.Over = append(result.Over, over.number())
	}
	for i := 0; len(taken.fields) > 0 && i < len(limits); i++ {
		result.Taken = append(result.Taken, guard.Taken{Key: limits[i].Key, N: taken.number(), Mark: taken.mark()})
	}
	complete := result.Refused != guard.RefusedByNone || len(result.Taken) == len(limits)
	if d.bad || over.bad || taken.bad || len(taken.fields) > 0 || !complete {
		return guard.Result{}, errReply
	}
	return result, nil
}

// decoder reads a reply field by field, and remembers that one was not what it should be.
type decoder struct {
	fields []any
	bad    bool
}

func items(v any) []any {
	fields, _ := v.([]any)
	return fields
}

func (d *decoder) next() any {
	if len(d.fields) == 0 {
		d.bad = true
		return nil
	}
	field := d.fields[0]
	d.fields = d.fields[1:]
	return field
}

func (d *decoder) number() int {
	n, ok := d.next().(int64)
	d.bad = d.bad || !ok
	return int(n)
}

func (d *decoder) mark() int64 {
	text, _ := d.next().(string)
	mark, err := strconv.ParseInt(text, 10, 64)
	d.bad = d.bad || err != nil
	return mark
}

func (d *decoder) data() []byte {
	switch v := d.next().(type) {
	case nil:
		return nil
	case string:
		return append([]byte{}, v...)
	default:
		d.bad = true
		return nil
	}
}
