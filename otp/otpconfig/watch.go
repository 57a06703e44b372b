package otpconfig

import (
	"bytes"
	"context"
	"crypto/sha256"
	"reflect"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/route"
	"github.com/otp-sdk/otp-go/otp/testnumber"
)

// WatchOption changes a default of [Config.Watch].
type WatchOption func(*watcher) error

// WatchEvery is how often the file is looked at, 1 ms or more. A change is in use after the second
// look, so within twice this time. Default: 5 seconds.
func WatchEvery(every time.Duration) WatchOption {
	return func(w *watcher) error {
		if every < time.Millisecond {
			return misconfigured("every", "must be 1ms or more")
		}
		w.every = every
		return nil
	}
}

// WatchReport calls report with nil when a new configuration is in use, and with what is wrong,
// once, when it is not. The goroutine of Watch calls it; a panic is dropped. Default: nothing is
// called.
func WatchReport(report func(error)) WatchOption {
	return func(w *watcher) error {
		if report == nil {
			return misconfigured("report", "must not be nil")
		}
		w.report = report
		return nil
	}
}

// WatchWith gives new clients these options. Give those that [Config.Provider] was given.
func WatchWith(opts ...otp.Option) WatchOption {
	return func(w *watcher) error {
		w.options = opts
		return checkOptions(opts)
	}
}

// Watch follows the file that c was loaded from, and its secret files, until ctx ends: whenever
// what they say has changed, it replaces the provider of into, which was made of c. It starts no
// goroutine; put go before it. It returns nil when ctx has ended, and otp.ErrMisconfigured at once
// for a bad option, a nil into, or a c that no file holds.
//
// A configuration that is wrong, or that into refuses, changes nothing. A change counts when two
// looks in a row have seen it, so that no half-written file is used unless its writer pauses for
// longer than [WatchEvery]. Files may be written in place, renamed, or linked, as Kubernetes does.
//
// A provider whose fields are all as they were keeps its client and its connections. The limits,
// the pauses and the breaker of an account, and what a guard has counted in memory, always stay.
func (c *Config) Watch(ctx context.Context, into *route.Switch, opts ...WatchOption) error {
	w, err := c.watcher(into, opts)
	if err != nil {
		return err
	}
	w.run(ctx)
	return nil
}

func (c *Config) watcher(into *route.Switch, opts []WatchOption) (*watcher, error) {
	switch {
	case c == nil || c.plan == nil || c.plan().file == "":
		return nil, misconfigured("", "must be made with Load to be watched")
	case into == nil:
		return nil, misconfigured("into", "must not be nil")
	}
	w := &watcher{every: 5 * time.Second, report: func(error) {}, inUse: func(*Config) {}, into: into, current: c.plan(), shared: c.shared}
	w.settled.plan = w.current
	for _, opt := range opts {
		if opt == nil {
			return nil, misconfigured("options", "must not hold nil")
		}
		if err := opt(w); err != nil {
			return nil, err
		}
	}
	return w, nil
}

type watcher struct {
	every   time.Duration
	report  func(error)
	inUse   func(*Config) // is told of a new configuration
	options []otp.Option
	shared  *otp.Shared

	into    *route.Switch
	current *plan    // what into has
	settled snapshot // what was last acted on
	content []byte   // a digest of what the files held at the last look
}

// snapshot is what a file says: a configuration, or what is wrong with it.
type snapshot struct {
	plan *plan
	err  string
}

func (s snapshot) same(other snapshot) bool {
	return s.err == other.err && reflect.DeepEqual(s.plan, other.plan)
}

func (w *watcher) run(ctx context.Context) {
	timer := time.NewTimer(w.every)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
			w.look()
			timer.Reset(w.every) // from the end of the look, so that a slow one does not shorten the time to the next
		}
	}
}

func (w *watcher) look() {
	content, seen := sha256.New(), snapshot{}
	config, err := w.current.registry.load(w.current.file, w.current.shownFile, content)
	if err != nil {
		seen.err = err.Error()
	} else {
		seen.plan = config.plan()
	}
	before := w.content
	w.content = content.Sum(nil)
	switch {
	case seen.same(w.settled):
	case !bytes.Equal(before, w.content): // somebody may still be writing: the next look decides
	default:
		w.settled = seen
		if err == nil {
			if err = w.use(config); err == nil {
				safely.Do(func() { w.inUse(config) })
			}
		}
		safely.Do(func() { w.report(err) })
	}
}

func (w *watcher) use(next *Config) (err error) {
	defer noPanic(&err)
	b := &assembly{shared: w.shared, options: w.options}
	b.again, b.learned = w.unchanged(next.plan())
	p, err := next.build(b)
	if err != nil {
		return err
	}
	if err := w.into.Replace(p); err != nil {
		return configError(err)
	}
	w.current = next.plan()
	return nil
}

// unchanged are the providers that next has as they are now. The routers are all that there are
// now.
func (w *watcher) unchanged(next *plan) (map[string]otp.Provider, map[string]*route.Router) {
	now := make(map[string]*instance, len(w.current.instances))
	for _, i := range w.current.instances {
		now[i.name] = i
	}
	wanted, routers := make(map[string]otp.Provider), make(map[string]*route.Router)
	for _, i := range next.instances {
		if reflect.DeepEqual(now[i.name], i) {
			wanted[i.name] = nil
		}
	}
	// What is around a provider, such as its breaker, has its name and is found first. So does a guard
	// around all.
	tree.Search(w.into, func(p otp.Provider, _ bool) bool {
		switch p := p.(type) {
		case *guard.Guard, *testnumber.Provider:
			return false
		case *route.Router:
			if routers[p.Name()] == nil { // the present one is found first
				routers[p.Name()] = p
			}
			return false
		}
		if found, isWanted := wanted[p.Name()]; isWanted && found == nil {
			wanted[p.Name()] = p
		}
		return false
	})
	return wanted, routers
}
