package otpotel

import (
	"cmp"
	"context"
	"errors"
	"reflect"

	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/otp-sdk/otp-go/internal/newest"
	"github.com/otp-sdk/otp-go/otp"
)

const (
	scope = "github.com/otp-sdk/otp-go/otp/otpotel"

	// schema is the version of the conventions that the names of attributes are from.
	schema = "https://opentelemetry.io/schemas/1.41.0"
)

// Provider is a provider that is watched. It has the name and the capabilities of the one that it
// wraps, and gives what that one gives. Make one with [Wrap]. It is safe for concurrent use.
type Provider struct {
	inner       otp.Provider
	names       names
	endings     cache[ending, *series]
	tracer      trace.Tracer
	spanOptions []trace.SpanStartOption
	instruments instruments
	sends       sends
	reasons     reasons
}

var _ otp.Provider = (*Provider)(nil)

// Option sets a [Provider] up.
type Option func(*config)

type config struct {
	traces trace.TracerProvider
	meters metric.MeterProvider
}

// WithTracerProvider says where spans go. Nil, which is the default, makes none.
func WithTracerProvider(traces trace.TracerProvider) Option {
	return func(c *config) { c.traces = traces }
}

// WithMeterProvider says where metrics go. Nil, which is the default, makes none.
func WithMeterProvider(meters metric.MeterProvider) Option {
	return func(c *config) { c.meters = meters }
}

// Wrap returns p, watched. It fails with otp.ErrMisconfigured when p is nil, or when a given
// provider of OpenTelemetry cannot make what is needed.
func Wrap(p otp.Provider, opts ...Option) (*Provider, error) {
	if p == nil || isNilPointer(p) {
		return nil, refused("provider", errors.New("must not be nil"))
	}
	var c config
	for _, opt := range opts {
		if opt != nil {
			opt(&c)
		}
	}
	w := &Provider{inner: p, names: names{root: p}, sends: sends{known: newest.Of[sendKey, sent](2 * mostSends)}}
	w.spanOptions = []trace.SpanStartOption{trace.WithSpanKind(trace.SpanKindClient)}
	if err := w.setTracer(c.traces); err != nil {
		return nil, refused("tracer_provider", err)
	}
	if err := w.setMeter(c.meters); err != nil {
		return nil, refused("meter_provider", err)
	}
	return w, nil
}

func (p *Provider) setTracer(traces trace.TracerProvider) (err error) {
	defer panicAsError(&err)
	traces = cmp.Or[trace.TracerProvider](traces, tracenoop.NewTracerProvider())
	p.tracer = traces.Tracer(scope, trace.WithSchemaURL(schema))
	return nil
}

func (p *Provider) setMeter(meters metric.MeterProvider) (err error) {
	defer panicAsError(&err)
	meters = cmp.Or[metric.MeterProvider](meters, metricnoop.NewMeterProvider())
	p.instruments, err = newInstruments(meters.Meter(scope, metric.WithSchemaURL(schema)))
	return err
}

// Name is that of the wrapped provider.
func (p *Provider) Name() string { return p.inner.Name() }

// Capabilities is what the wrapped provider can do.
func (p *Provider) Capabilities() otp.Capabilities { return p.inner.Capabilities() }

// Unwrap returns the wrapped provider.
func (p *Provider) Unwrap() []otp.Provider { return []otp.Provider{p.inner} }

// errPanicked is what is recorded of a call whose provider panicked. The panic goes on to the
// caller.
var errPanicked = errors.New("the provider panicked")

// Send is Send of the wrapped provider.
func (p *Provider) Send(ctx context.Context, req otp.SendRequest) (v otp.Verification, err error) {
	c := p.begin(ctx, opSend)
	err = errPanicked
	defer func() { c.endSend(&req, v, err) }()
	v, err = p.inner.Send(c.ctx, req)
	return v, err
}

// Verify is Verify of the wrapped provider.
func (p *Provider) Verify(ctx context.Context, v otp.Verification, code string) (err error) {
	c := p.begin(ctx, opVerify)
	err = errPanicked
	defer func() { c.endVerify(v, err) }()
	err = p.inner.Verify(c.ctx, v, code)
	return err
}

func refused(field string, rule error) error {
	return &otp.Error{
		Provider: "otpotel", Op: "wrap", Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: field, Err: rule,
	}
}

func isNilPointer(p otp.Provider) bool {
	v := reflect.ValueOf(p)
	return v.Kind() == reflect.Pointer && v.IsNil()
}

// panicAsError leaves the text of a panic out: it may hold anything.
func panicAsError(err *error) {
	if recover() != nil {
		*err = errors.New("panicked")
	}
}

// dropPanic is deferred around everything that is recorded, because telemetry must not change what
// becomes of a call.
func dropPanic() { _ = recover() }
