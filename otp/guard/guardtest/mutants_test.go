package guardtest_test

import (
	"context"
	"runtime"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/guard/guardtest"
)

// recorder is a test that may fail without failing anything else.
type recorder struct {
	ctx context.Context

	mu     sync.Mutex
	failed bool
}

func (r *recorder) Context() context.Context { return r.ctx }
func (r *recorder) FailNow()                 { runtime.Goexit() }

func (r *recorder) Errorf(string, ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = true
}

// mutant is a store in memory with one fault: what it changes on the way in, and on the way out.
type mutant struct {
	guard.Store

	in    func(c *guard.Change)
	out   func(c guard.Change, r *guard.Result)
	apply func(ctx context.Context, s guard.Store, c guard.Change) (guard.Result, error)
}

func (m *mutant) Apply(ctx context.Context, c guard.Change) (guard.Result, error) {
	if m.apply != nil {
		return m.apply(ctx, m.Store, c)
	}
	if err := c.Check(); err != nil {
		return guard.Result{}, err
	}
	if m.in != nil {
		c.Take = slices.Clone(c.Take)
		m.in(&c)
	}
	result, err := m.Store.Apply(ctx, c)
	if m.out != nil && err == nil {
		m.out(c, &result)
	}
	return result, err
}

func everyLoad(change func(l *guard.Load)) func(c *guard.Change) {
	return everyLimit(func(l *guard.Limit) {
		if l.Load != nil {
			own := *l.Load
			own.Windows = slices.Clone(own.Windows)
			change(&own)
			l.Load = &own
		}
	})
}

func floors(l *guard.Load, add int) {
	for i := range l.Windows {
		l.Windows[i].Floor += min(add, l.Windows[i].Floor*add*add)
	}
}

// twoWindows forgets everything at fixed times, as stores do that count from the first one on.
func twoWindows(ctx context.Context, s guard.Store, c guard.Change) (guard.Result, error) {
	if err := c.Check(); err != nil {
		return guard.Result{}, err
	}
	c.Take = slices.Clone(c.Take)
	for i := range c.Take {
		l := &c.Take[i]
		if l.Load == nil && len(l.Gaps) == 0 {
			l.Key += time.Now().Truncate(l.Window).Format("-150405")[:min(7, 128-len(l.Key))]
		}
	}
	return s.Apply(ctx, c)
}

func everyLimit(change func(l *guard.Limit)) func(c *guard.Change) {
	return func(c *guard.Change) {
		for i := range c.Take {
			change(&c.Take[i])
		}
	}
}

// The suite finds every one of these.
func TestTheSuiteFindsFaults(t *testing.T) {
	mutants := map[string]*mutant{
		"lets one more pass":           {in: everyLimit(func(l *guard.Limit) { l.Max += min(l.Max, 1) })},
		"lets one less pass":           {in: everyLimit(func(l *guard.Limit) { l.Max -= min(l.Max-1, 1) * min(l.Max, 1) })},
		"has no limits":                {in: everyLimit(func(l *guard.Limit) { l.Max = 0 })},
		"has no gaps":                  {in: everyLimit(func(l *guard.Limit) { l.Gaps = nil })},
		"has the first gap only":       {in: everyLimit(func(l *guard.Limit) { l.Gaps = l.Gaps[:min(1, len(l.Gaps))] })},
		"has the last gap only":        {in: everyLimit(func(l *guard.Limit) { l.Gaps = l.Gaps[max(0, len(l.Gaps)-1):] })},
		"has shorter windows":          {in: everyLimit(func(l *guard.Limit) { l.Window = l.Window * 2 / 3; l.Gaps = short(l.Gaps, l.Window) })},
		"has longer windows":           {in: everyLimit(func(l *guard.Limit) { l.Window = l.Window * 4 / 3 })},
		"asks one later":               {in: everyLoad(func(l *guard.Load) { floors(l, 1) })},
		"asks one earlier":             {in: everyLoad(func(l *guard.Load) { floors(l, -1) })},
		"never asks again":             {in: everyLoad(func(l *guard.Load) { l.Latch = false })},
		"does not learn":               {in: everyLoad(func(l *guard.Load) { l.Learn = false })},
		"adds nothing":                 {in: everyLoad(func(l *guard.Load) { l.Grow = 0 })},
		"adds too much":                {in: everyLoad(func(l *guard.Load) { l.Grow *= 1.5 })},
		"never refuses those who pass": {in: everyLoad(func(l *guard.Load) { l.Top = 0 })},
		"has one challenge":            {in: everyLoad(func(l *guard.Load) { l.Second = nil })},
		"knows no kinds":               {in: everyLoad(func(l *guard.Load) { l.Kinds = 0 })},
		"trusts nobody":                {in: everyLoad(func(l *guard.Load) { l.TrustBelow = 0 })},
		"trusts without end":           {in: everyLoad(func(l *guard.Load) { l.TrustBelow *= 100 })},
		"knows no max":                 {in: everyLoad(func(l *guard.Load) { l.Windows[0].Max = 0 })},
		"is always young":              {in: everyLoad(func(l *guard.Load) { l.OnlyYoung = false })},
		"forgets who passed":           {in: func(c *guard.Change) { c.Passed = 0 }},
		"has no marks":                 {in: func(c *guard.Change) { c.Marks = nil }},
		"skips nothing":                {in: everyLimit(func(l *guard.Limit) { l.With, l.Without = 0, 0 })},
		"has no reserve":               {in: everyLimit(func(l *guard.Limit) { l.Reserve = 0 })},
		"keeps the reserve for nobody": {in: everyLimit(func(l *guard.Limit) { l.ReserveFor = 0; l.Max -= l.Reserve })},
		"does not append": {in: func(c *guard.Change) {
			c.Set = slices.Clone(c.Set)
			for i := range c.Set {
				c.Set[i].Append = false
			}
		}},
		"takes good for taken back": {in: func(c *guard.Change) { c.Back, c.Good = append(c.Good, c.Back...), nil }},
		"clears parts only": {in: func(c *guard.Change) {
			c.Clear = slices.DeleteFunc(slices.Clone(c.Clear), func(k string) bool { return k[len(k)-1] == '/' })
		}},
		"does not say what it asks":    {out: func(_ guard.Change, r *guard.Result) { r.Challenge = 0 }},
		"counts versions apart":        {in: everyLimit(func(l *guard.Limit) { l.Key += string(rune('!' + l.Max%90)); l.Key = l.Key[:min(128, len(l.Key))] })},
		"lets two windows meet":        {apply: twoWindows},
		"refuses what only records":    {in: everyLimit(func(l *guard.Limit) { l.RecordOnly = false })},
		"records only":                 {in: everyLimit(func(l *guard.Limit) { l.RecordOnly = true })},
		"gives nothing back":           {in: func(c *guard.Change) { c.Back = nil }},
		"gives back by clearing":       {in: func(c *guard.Change) { c.Clear = append(c.Clear, keys(c.Back)...); c.Back = nil }},
		"does not clear":               {in: func(c *guard.Change) { c.Clear = nil }},
		"does not remember":            {in: func(c *guard.Change) { c.Set = nil }},
		"remembers for ever":           {in: func(c *guard.Change) { c.Set = forever(c.Set) }},
		"does not look at Unless":      {in: func(c *guard.Change) { c.Unless = nil }},
		"looks at the first of Unless": {in: func(c *guard.Change) { c.Unless = c.Unless[:min(1, len(c.Unless))] }},
		"knows no good":                {in: func(c *guard.Change) { c.Good = nil }},
		"never reads":                  {in: func(c *guard.Change) { c.Get = "" }},
		"names the wrong limit":        {out: func(_ guard.Change, r *guard.Result) { r.Refused = max(r.Refused, min(r.Refused+1, 1)) }},
		"does not say when":            {out: func(_ guard.Change, r *guard.Result) { r.RetryAfter = 0 }},
		"says when in any case":        {out: func(_ guard.Change, r *guard.Result) { r.RetryAfter += time.Second }},
		"does not say what is over":    {out: func(_ guard.Change, r *guard.Result) { r.Over = nil }},
		"does not say what it took":    {out: func(_ guard.Change, r *guard.Result) { r.Taken = nil }},
		"has one mark for everything":  {out: func(_ guard.Change, r *guard.Result) { mark(r, 1) }, in: func(c *guard.Change) { c.Back = anyMark(c.Back) }},
		"knows no empty value":         {out: func(_ guard.Change, r *guard.Result) { r.Data = append([]byte(nil), r.Data...) }},
		"keeps strings up to a zero": {in: func(c *guard.Change) {
			for i, value := range c.Set {
				if at := slices.Index(value.Data, 0); at >= 0 {
					c.Set[i].Data = value.Data[:at]
				}
			}
		}},
		"does not look at the context": {apply: func(ctx context.Context, s guard.Store, c guard.Change) (guard.Result, error) {
			return s.Apply(context.WithoutCancel(ctx), c)
		}},
		"decides first and counts later": {apply: lenient},
		"takes limits one by one": {apply: func(ctx context.Context, s guard.Store, c guard.Change) (guard.Result, error) {
			all := guard.Result{Refused: guard.RefusedByNone}
			for i, limit := range c.Take {
				r, err := s.Apply(ctx, guard.Change{Take: []guard.Limit{limit}})
				if err != nil || r.Refused != guard.RefusedByNone {
					r.Refused = i
					return r, err
				}
				all.Taken = append(all.Taken, r.Taken...)
			}
			c.Take = nil
			rest, err := s.Apply(ctx, c)
			rest.Taken = all.Taken
			return rest, err
		}},
	}
	for name, m := range mutants {
		t.Run(name, func(t *testing.T) { assert.True(t, found(t, m), "no check fails") })
	}
	assert.False(t, found(t, &mutant{}), "without a fault all checks pass")
}

// found reports whether any check fails.
func found(t *testing.T, m *mutant) bool {
	t.Helper()
	for n := range guardtest.CheckNames() {
		failed := false
		synctest.Test(t, func(t *testing.T) {
			store, err := guard.NewMemory(0)
			require.NoError(t, err)
			own := *m
			own.Store = store
			r := &recorder{ctx: t.Context()}
			done := make(chan struct{})
			go func() {
				defer close(done)
				guardtest.RunCheck(r, &own, time.Sleep, n)
			}()
			<-done
			failed = r.failed
		})
		if failed {
			return true
		}
	}
	return false
}

// lenient decides first and counts later.
func lenient(ctx context.Context, s guard.Store, c guard.Change) (guard.Result, error) {
	read := c
	read.Unless, read.Set, read.Back, read.Good, read.Clear = nil, nil, nil, nil, nil
	decided, err := s.Apply(ctx, read)
	if err != nil || decided.Refused != guard.RefusedByNone {
		return decided, err
	}
	if _, err := s.Apply(ctx, guard.Change{Back: decided.Taken}); err != nil {
		return guard.Result{}, err
	}
	time.Sleep(time.Microsecond)
	c.Take = slices.Clone(c.Take)
	for i := range c.Take {
		c.Take[i].Max, c.Take[i].Reserve = 0, 0
	}
	return s.Apply(ctx, c)
}

func short(gaps []time.Duration, window time.Duration) []time.Duration {
	gaps = slices.Clone(gaps)
	for i := range gaps {
		gaps[i] = min(gaps[i], window)
	}
	return gaps
}

func keys(taken []guard.Taken) []string {
	var all []string
	for _, one := range taken {
		all = append(all, one.Key)
	}
	return all
}

func forever(values []guard.Value) []guard.Value {
	values = slices.Clone(values)
	for i := range values {
		values[i].For = 24 * time.Hour
	}
	return values
}

func mark(r *guard.Result, mark int64) {
	for i := range r.Taken {
		r.Taken[i].Mark = mark
	}
}

// anyMark gives back by any mark that fits.
func anyMark(taken []guard.Taken) []guard.Taken {
	var all []guard.Taken
	for _, one := range taken {
		for m := range int64(50) {
			all = append(all, guard.Taken{Key: one.Key, Mark: m})
		}
	}
	return all
}
