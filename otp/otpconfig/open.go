package otpconfig

import (
	"cmp"
	"context"
	"log/slog"
	"sync"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/route"
)

// OpenOption brings something of the program's into [Open].
type OpenOption func(*opening) error

type opening struct {
	registry  *Registry
	options   []otp.Option
	watch     []WatchOption
	observers []otp.Observer
	wrappers  []func(otp.Provider) (otp.Provider, error)
}

// With reads the file for the vendors in r, with all that the program hands in by it. Default:
// [Vendors].
func With(r *Registry) OpenOption {
	return func(o *opening) error {
		if r == nil {
			return misconfigured("registry", "must not be nil")
		}
		o.registry = r
		return nil
	}
}

// WithClients gives options to every client: a logger, a transport, a user agent. See
// [Config.Provider]. A logger also gets the warnings, and what is wrong with a changed file.
func WithClients(opts ...otp.Option) OpenOption {
	return func(o *opening) error {
		o.options = append(o.options, opts...)
		return checkOptions(o.options)
	}
}

// WithObserver lets an observer see what happens inside of every call.
func WithObserver(observer otp.Observer) OpenOption {
	return func(o *opening) error {
		if observer == nil {
			return misconfigured("observer", "must not be nil")
		}
		o.observers = append(o.observers, observer)
		return nil
	}
}

// WithWrapper puts a provider around everything, such as that of package otpotel. The last one is
// the outermost.
func WithWrapper(wrap func(otp.Provider) (otp.Provider, error)) OpenOption {
	return func(o *opening) error {
		if wrap == nil {
			return misconfigured("wrapper", "must not be nil")
		}
		o.wrappers = append(o.wrappers, wrap)
		return nil
	}
}

// WithWatch sets how the file is followed: see [WatchEvery] and [WatchReport].
func WithWatch(opts ...WatchOption) OpenOption {
	return func(o *opening) error {
		o.watch = append(o.watch, opts...)
		return nil
	}
}

// Open reads the file at path, or the environment if path is "", and returns a provider that has
// all of it, in the right order. From the inside out: clients with their breakers and channels, the
// strategy, the guard, test numbers, what follows the file (see [Config.Watch]), observers,
// wrappers. Errors are as with [Load] and [Config.Provider].
//
// The file is followed until ctx ends or end is called, which returns when nothing runs any more;
// calling it again does nothing. The provider goes on serving after that, and stays as it is.
func Open(ctx context.Context, path string, opts ...OpenOption) (provider otp.Provider, end func() error, err error) {
	o := &opening{registry: Vendors()}
	for _, opt := range opts {
		if opt == nil {
			return nil, nil, misconfigured("options", "must not hold nil")
		}
		if err = opt(o); err != nil {
			return nil, nil, err
		}
	}
	config, err := o.load(path)
	if err != nil {
		return nil, nil, err
	}
	built, err := config.Provider(o.options...)
	if err != nil {
		return nil, nil, err
	}
	live, err := route.NewSwitch(openName, built, 0)
	if err != nil {
		return nil, nil, configError(err)
	}
	if provider, err = o.around(live); err != nil {
		return nil, nil, err
	}
	set, _ := otp.Apply(o.options...) // checked before
	logger := cmp.Or(set.Logger, slog.New(slog.DiscardHandler))
	warn(ctx, logger, config)
	end, err = o.follow(ctx, config, live, logger)
	if err != nil {
		return nil, nil, err
	}
	return provider, end, nil
}

func warn(ctx context.Context, logger *slog.Logger, config *Config) {
	for _, warning := range config.Warnings() {
		logger.WarnContext(ctx, "configuration", slog.String("warning", warning))
	}
}

func (o *opening) load(path string) (*Config, error) {
	if path == "" {
		return o.registry.FromEnv(o.registry.LookupEnv)
	}
	return o.registry.Load(path)
}

func (o *opening) around(p otp.Provider) (otp.Provider, error) {
	for _, observer := range o.observers {
		p = &observed{p, observer}
	}
	for _, wrap := range o.wrappers {
		around, err := safely.Value(func() (otp.Provider, error) { return wrap(p) })
		switch {
		case err != nil:
			return nil, configError(err)
		case check.IsNil(around):
			return nil, misconfigured("wrapper", "must not return nil")
		}
		p = around
	}
	return p, nil
}

func (o *opening) follow(ctx context.Context, config *Config, live *route.Switch, logger *slog.Logger) (end func() error, err error) {
	if config.plan().file == "" {
		return func() error { return nil }, nil
	}
	logged := WatchReport(func(err error) {
		if err != nil {
			logger.ErrorContext(ctx, "the changed configuration is not used", slog.String("error", err.Error()))
		}
	})
	w, err := config.watcher(live, append([]WatchOption{logged, WatchWith(o.options...)}, o.watch...))
	if err != nil {
		return nil, err
	}
	w.inUse = func(config *Config) { warn(ctx, logger, config) }
	following, cancel := context.WithCancel(ctx)
	var running sync.WaitGroup
	running.Go(func() { w.run(following) })
	return func() error {
		cancel()
		running.Wait()
		return nil
	}, nil
}

// GuardIn returns the guard that a provider has now. A reload may replace it, so ask each time.
func GuardIn(p otp.Provider) (found *guard.Guard, ok bool) {
	ok = tree.Search(p, func(q otp.Provider, _ bool) (is bool) {
		found, is = q.(*guard.Guard)
		return is
	})
	return found, ok
}

type observed struct {
	otp.Provider
	observer otp.Observer
}

func (o *observed) Unwrap() []otp.Provider { return []otp.Provider{o.Provider} }

func (o *observed) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	return o.Provider.Send(otp.WithObserver(ctx, o.observer), req)
}

func (o *observed) Verify(ctx context.Context, v otp.Verification, code string) error {
	return o.Provider.Verify(otp.WithObserver(ctx, o.observer), v, code)
}
