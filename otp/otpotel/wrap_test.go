package otpotel_test

import (
	"context"
	"errors"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/metric"
	metricnoop "go.opentelemetry.io/otel/metric/noop"
	"go.opentelemetry.io/otel/trace"
	tracenoop "go.opentelemetry.io/otel/trace/noop"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpotel"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestWithoutProvidersOfOpenTelemetryNothingIsTold(t *testing.T) {
	for _, opts := range [][]otpotel.Option{
		nil, {nil}, {otpotel.WithTracerProvider(nil), otpotel.WithMeterProvider(nil)},
	} {
		p := otptest.NewProvider()
		watched, err := otpotel.Wrap(p, opts...)
		require.NoError(t, err)
		v, err := watched.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		code, _ := p.Code(number)
		require.NoError(t, watched.Verify(t.Context(), v, code))
	}
}

func TestWrapRefuses(t *testing.T) {
	var none *otptest.Provider
	p := otptest.NewProvider()
	for name, test := range map[string]struct {
		provider otp.Provider
		opt      otpotel.Option
		field    string
	}{
		"nil":                      {nil, nil, "provider"},
		"a nil pointer":            {none, nil, "provider"},
		"tracers that panic":       {p, otpotel.WithTracerProvider(brokenTracers{}), "tracer_provider"},
		"meters that panic":        {p, otpotel.WithMeterProvider(brokenMeters{}), "meter_provider"},
		"meters that have nothing": {p, otpotel.WithMeterProvider(emptyMeters{}), "meter_provider"},
	} {
		t.Run(name, func(t *testing.T) {
			watched, err := otpotel.Wrap(test.provider, test.opt)
			assert.Nil(t, watched)
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Equal(t, test.field, failure.Field)
		})
	}
}

func TestAPanicInAnExporterChangesNothing(t *testing.T) {
	for name, opts := range map[string][]otpotel.Option{
		"the tracer":         {otpotel.WithTracerProvider(panickingTracers{})},
		"the span":           {otpotel.WithTracerProvider(panickingSpans{})},
		"the meter":          {otpotel.WithMeterProvider(panickingMeters{})},
		"the span and meter": {otpotel.WithTracerProvider(panickingSpans{}), otpotel.WithMeterProvider(panickingMeters{})},
	} {
		t.Run(name, func(t *testing.T) {
			wrong := &otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted}
			inner := telling(otp.AttemptEvent{Number: 2, Kind: otp.ErrUnavailable}, otp.WaitEvent{}, otp.FailoverEvent{},
				otp.GuardEvent{})
			inner.verify = func(context.Context, otp.Verification) error { return wrong }
			watched, err := otpotel.Wrap(inner, opts...)
			require.NoError(t, err)
			assert.NotPanics(t, func() {
				v, err := watched.Send(t.Context(), otp.SendRequest{To: number})
				require.NoError(t, err)
				assert.Equal(t, number, v.To)
				assert.Equal(t, wrong, watched.Verify(t.Context(), v, "123456"))
			})
		})
	}
}

func TestWhereMetricsPanicTheSpanIsWholeAllTheSame(t *testing.T) {
	_, told := watch(t, otptest.NewProvider())
	watched, err := otpotel.Wrap(fake{name: "main", vendor: "kaleyra"},
		otpotel.WithTracerProvider(told.tracers), otpotel.WithMeterProvider(panickingMeters{}))
	require.NoError(t, err)
	require.NoError(t, watched.Verify(t.Context(), otp.Verification{Provider: "main"}, "123456"))
	assert.Contains(t, line(told.span().Attributes), "otp.result=verified")
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.Contains(t, line(told.span().Attributes), "otp.channel=sms")
}

type brokenTracers struct{ tracenoop.TracerProvider }

func (brokenTracers) Tracer(string, ...trace.TracerOption) trace.Tracer { panic("no tracer") }

type brokenMeters struct{ metricnoop.MeterProvider }

func (brokenMeters) Meter(string, ...metric.MeterOption) metric.Meter { panic("no meter") }

type emptyMeters struct{ metricnoop.MeterProvider }

func (emptyMeters) Meter(string, ...metric.MeterOption) metric.Meter { return emptyMeter{} }

type emptyMeter struct{ metricnoop.Meter }

func (emptyMeter) Int64Gauge(string, ...metric.Int64GaugeOption) (metric.Int64Gauge, error) {
	return nil, errors.New("no gauges")
}

type panickingTracers struct{ tracenoop.TracerProvider }

func (panickingTracers) Tracer(string, ...trace.TracerOption) trace.Tracer { return panickingTracer{} }

type panickingTracer struct{ tracenoop.Tracer }

func (panickingTracer) Start(context.Context, string, ...trace.SpanStartOption) (context.Context, trace.Span) {
	panic("no span")
}

type panickingSpans struct{ tracenoop.TracerProvider }

func (panickingSpans) Tracer(string, ...trace.TracerOption) trace.Tracer { return spanTracer{} }

type spanTracer struct{ tracenoop.Tracer }

func (spanTracer) Start(ctx context.Context, _ string, _ ...trace.SpanStartOption) (context.Context, trace.Span) {
	return ctx, panickingSpan{}
}

type panickingSpan struct{ tracenoop.Span }

func (panickingSpan) IsRecording() bool                     { return true }
func (panickingSpan) SetAttributes(...attribute.KeyValue)   { panic("no attributes") }
func (panickingSpan) AddEvent(string, ...trace.EventOption) { panic("no events") }
func (panickingSpan) SetStatus(codes.Code, string)          { panic("no status") }
func (panickingSpan) End(...trace.SpanEndOption)            { panic("no end") }

type panickingMeters struct{ metricnoop.MeterProvider }

func (panickingMeters) Meter(string, ...metric.MeterOption) metric.Meter { return panickingMeter{} }

type panickingMeter struct{ metricnoop.Meter }

func (panickingMeter) Int64Counter(string, ...metric.Int64CounterOption) (metric.Int64Counter, error) {
	return panickingCounter{}, nil
}

type panickingCounter struct{ metricnoop.Int64Counter }

func (panickingCounter) Add(context.Context, int64, ...metric.AddOption) { panic("no sum") }
