package otpredis

import (
	"context"
	"crypto/rand"
	"encoding/json"
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

// Store keeps what guards have counted, for all processes that share the Redis and the store's
// name. It is a guard.Store, safe for concurrent use, and needs no Close; the client is the
// caller's to close.
//
// Each change is one script, and so one round trip, and happens as a whole or not at all. If Redis
// cannot be asked, Apply fails and the guard refuses: there is no local share of what people may
// guess.
type Store struct {
	config

	server    server
	apply     *redis.Script
	prefix    string
	inspected atomic.Bool
}

var _ guard.Store = (*Store)(nil)

// NewStore returns a store whose keys begin with the name: 1 to 64 letters, digits, "-", "_" or
// ".", the first a letter or digit. It takes [WithTimeout] and [WithLogger]. It makes no call; a
// bad argument or option is refused with an *otp.Error of kind otp.ErrMisconfigured that names the
// field.
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

// Apply makes one change. It returns when ctx ends, or Redis has not answered in time; the change
// may happen anyway, but never twice. Errors are *otp.Error of kind otp.ErrUnavailable,
// otp.ErrCanceled, or otp.ErrInvalidRequest for a change that breaks a rule. When Redis is full,
// guard.ErrFull is in it.
func (s *Store) Apply(ctx context.Context, c guard.Change) (guard.Result, error) {
	if err := c.Check(); err != nil {
		return guard.Result{}, &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Err: err}
	}
	if err := ended(ctx); err != nil {
		return guard.Result{}, err
	}
	ask, err := s.call(c)
	if err != nil {
		return guard.Result{}, &otp.Error{Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Err: err}
	}
	var result guard.Result
	ask.read = func(reply any) (err error) { result, err = decode(reply, c); return err }
	err = s.server.run(ctx, ask)
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
func (s *Store) call(c guard.Change) (call, error) {
	e := encoder{
		prefix: s.prefix, keys: []string{s.prefix + "change:" + rand.Text()},
		records: map[string]int{}, indexes: map[string]keyRef{},
	}
	text, err := json.Marshal(e.change(c))
	if err != nil {
		return call{}, err
	}
	args := []any{string(text)}
	for _, value := range c.Set {
		args = append(args, string(value.Data))
	}
	return call{script: s.apply, keys: e.keys, args: args}, nil
}

// encoder collects a script's keys, which are those of the records, and the fields of these.
type encoder struct {
	prefix  string
	keys    []string
	records map[string]int // by name: the index in keys, counted from 1
	indexes map[string]keyRef
	wire    wireChange
}

// keyRef is the index of a counter or value in Records and Fields, counted from 1; below 0, all of
// that record.
type keyRef int

func (e *encoder) record(name string) int {
	at, ok := e.records[name]
	if !ok {
		e.keys = append(e.keys, e.prefix+"key:"+name)
		at = len(e.keys)
		e.records[name] = at
	}
	return at
}

func (e *encoder) ref(key string) keyRef {
	record, name, _ := strings.Cut(key, "/")
	key = record + "/" + name // "a" and "a/" are one
	at, ok := e.indexes[key]
	if !ok {
		e.wire.Records = append(e.wire.Records, e.record(record))
		e.wire.Fields = append(e.wire.Fields, "p"+name)
		at = keyRef(len(e.wire.Fields))
		e.indexes[key] = at
	}
	return at
}

func (e *encoder) refs(keys []string) []keyRef {
	var all []keyRef
	for _, key := range keys {
		all = append(all, e.ref(key))
	}
	return all
}

// The change as apply.lua reads it. Times are microseconds, but for those of a Load.
type (
	wireChange struct {
		Unless []keyRef    `json:"unless,omitempty"`
		Marks  []keyRef    `json:"marks,omitempty"`
		Passed int         `json:"passed,omitempty"`
		Take   []wireLimit `json:"take,omitempty"`
		Back   []wireTaken `json:"back,omitempty"`
		Good   []wireTaken `json:"good,omitempty"`
		Clear  []keyRef    `json:"clear,omitempty"`
		Set    []wireValue `json:"set,omitempty"`
		Get    keyRef      `json:"get,omitempty"`

		Records []int    `json:"records,omitempty"`
		Fields  []string `json:"fields,omitempty"`
	}
	wireLimit struct {
		Key        keyRef        `json:"key"`
		Window     int64         `json:"window,omitempty"`
		Max        int           `json:"max,omitempty"`
		Reserve    int           `json:"reserve,omitempty"`
		ReserveFor guard.MarkSet `json:"reserve_for,omitempty"`
		Gaps       []int64       `json:"gaps,omitempty"`
		Load       *guard.Load   `json:"load,omitempty"`
		Kind       uint16        `json:"kind,omitempty"`
		RecordOnly bool          `json:"record_only,omitempty"`
		With       guard.MarkSet `json:"with,omitempty"`
		Without    guard.MarkSet `json:"without,omitempty"`
	}
	wireTaken struct {
		Key    keyRef `json:"key"`
		Mark   int64  `json:"mark"`
		Passed int    `json:"passed,omitempty"`
		Kind   uint16 `json:"kind,omitempty"`
	}
	wireValue struct {
		Key    keyRef `json:"key"`
		Life   int64  `json:"life"`
		Append bool   `json:"append,omitempty"`
	}
)

func (e *encoder) change(c guard.Change) *wireChange {
	w := &e.wire
	w.Unless, w.Marks, w.Passed, w.Back, w.Good = e.refs(c.Unless), e.refs(c.Marks), c.Passed, e.taken(c.Back), e.taken(c.Good)
	for _, l := range c.Take {
		limit := wireLimit{
			Key: e.ref(l.Key), Window: micros(l.Window), Max: l.Max, Reserve: l.Reserve, ReserveFor: l.ReserveFor,
			Load: l.Load, RecordOnly: l.RecordOnly, With: l.With, Without: l.Without,
		}
		if l.Load != nil {
			limit.Kind = l.Kind
		}
		for _, gap := range l.Gaps {
			limit.Gaps = append(limit.Gaps, micros(gap))
		}
		w.Take = append(w.Take, limit)
	}
	for _, key := range c.Clear {
		if record, name, found := strings.Cut(key, "/"); found && name == "" {
			w.Clear = append(w.Clear, keyRef(-e.record(record)))
		} else {
			w.Clear = append(w.Clear, e.ref(key))
		}
	}
	for _, value := range c.Set {
		w.Set = append(w.Set, wireValue{Key: e.ref(value.Key), Life: micros(value.For), Append: value.Append})
	}
	if c.Get != "" {
		w.Get = e.ref(c.Get)
	}
	return w
}

func (e *encoder) taken(all []guard.Taken) []wireTaken {
	var wire []wireTaken
	for _, t := range all {
		wire = append(wire, wireTaken{Key: e.ref(t.Key), Mark: t.Mark, Passed: t.Passed, Kind: t.Kind})
	}
	return wire
}

// decode reads what apply.lua returns.
func decode(reply any, c guard.Change) (guard.Result, error) {
	d := decoder{fields: items(reply)}
	result := guard.Result{
		Refused:    d.number(),
		RetryAfter: time.Duration(d.number()) * time.Microsecond,
		Challenge:  d.number(),
		Marks:      guard.MarkSet(d.number()), //nolint:gosec // a set of eight
		Data:       d.data(),
	}
	over := decoder{fields: items(d.next())}
	mark := d.mark()
	taken := decoder{fields: items(d.next())}
	for len(over.fields) > 0 {
		result.Over = append(result.Over, over.number())
	}
	for i := 0; len(taken.fields) > 0 && i < len(c.Take); i++ {
		limit := c.Take[i]
		result.Taken = append(result.Taken, guard.Taken{
			Key: limit.Key, N: taken.number(), Mark: mark, Passed: c.Passed, Kind: limit.Kind,
		})
	}
	complete := result.Refused != guard.RefusedByNone || len(result.Taken) == len(c.Take)
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
