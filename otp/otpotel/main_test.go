package otpotel_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	sdktrace "go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpotel"
)

func TestMain(m *testing.M) {
	simtest.Main(m)
}

const number = "+905321234567"

// constants are the attributes that the spans of one provider have in common.
var constants = strings.NewReplacer(
	"messaging.operation.name=send messaging.operation.type=send messaging.system=kaleyra ", "",
	" otp.provider=main", "", " otp.vendor=kaleyra", "",
)

// telemetry is all that has been told, by the SDK's exporters in memory.
type telemetry struct {
	t       testing.TB
	spans   *tracetest.InMemoryExporter
	tracers *sdktrace.TracerProvider
	reader  *sdkmetric.ManualReader
}

// watch wraps p.
func watch(t testing.TB, p otp.Provider) (*otpotel.Provider, *telemetry) {
	t.Helper()
	told := &telemetry{t: t, spans: tracetest.NewInMemoryExporter(), reader: sdkmetric.NewManualReader()}
	told.tracers = sdktrace.NewTracerProvider(sdktrace.WithSyncer(told.spans))
	watched, err := otpotel.Wrap(p,
		otpotel.WithTracerProvider(told.tracers),
		otpotel.WithMeterProvider(sdkmetric.NewMeterProvider(
			sdkmetric.WithReader(told.reader), sdkmetric.WithCardinalityLimit(-1))))
	require.NoError(t, err)
	return watched, told
}

// metrics are the metrics that have a value.
func (told *telemetry) metrics() []metricdata.Metrics {
	told.t.Helper()
	var all metricdata.ResourceMetrics
	require.NoError(told.t, told.reader.Collect(context.Background(), &all))
	var metrics []metricdata.Metrics
	for _, scope := range all.ScopeMetrics {
		metrics = append(metrics, scope.Metrics...)
	}
	return metrics
}

// point is one series of a metric: its labels, and its value, which for a histogram is how often
// there was one.
type point struct {
	labels attribute.Set
	value  int64
}

func points(m metricdata.Metrics) (points []point) {
	switch data := m.Data.(type) {
	case metricdata.Sum[int64]:
		for _, p := range data.DataPoints {
			points = append(points, point{p.Attributes, p.Value})
		}
	case metricdata.Gauge[int64]:
		for _, p := range data.DataPoints {
			points = append(points, point{p.Attributes, p.Value})
		}
	case metricdata.Histogram[float64]:
		for _, p := range data.DataPoints {
			points = append(points, point{p.Attributes, int64(p.Count)})
		}
	}
	return points
}

// series are the series of one metric as sorted lines such as "otp.result=verified
// otp.vendor=insider: 2".
func (told *telemetry) series(name string) []string {
	told.t.Helper()
	lines := []string{}
	for _, m := range told.metrics() {
		if m.Name != name {
			continue
		}
		for _, p := range points(m) {
			lines = append(lines, fmt.Sprintf("%s: %d", line(p.labels.ToSlice()), p.value))
		}
	}
	slices.Sort(lines)
	return lines
}

// span is the only span.
func (told *telemetry) span() tracetest.SpanStub {
	told.t.Helper()
	spans := told.spans.GetSpans()
	require.Len(told.t, spans, 1)
	told.spans.Reset()
	return spans[0]
}

// line is attributes as text, sorted by name, without times.
func line(attrs []attribute.KeyValue) string {
	var words []string
	for _, a := range attrs {
		if a.Key != "otp.duration" {
			words = append(words, string(a.Key)+"="+a.Value.String())
		}
	}
	slices.Sort(words)
	return strings.Join(words, " ")
}

// events are the events of a span as lines.
func events(span tracetest.SpanStub) []string {
	lines := []string{}
	for _, e := range span.Events {
		lines = append(lines, strings.TrimSpace(e.Name+": "+line(e.Attributes)))
	}
	return lines
}

// fake is a provider, possibly around others, whose calls do what they are told.
type fake struct {
	name, vendor string
	channels     map[otp.Channel]otp.Features
	children     func() []otp.Provider
	send         func(ctx context.Context, req otp.SendRequest) (otp.Verification, error)
	verify       func(ctx context.Context, v otp.Verification) error
}

func (f fake) Name() string { return f.name }

func (f fake) Capabilities() otp.Capabilities {
	return otp.Capabilities{Vendor: f.vendor, Default: otp.SMS, Channels: f.channels}
}

func (f fake) Unwrap() []otp.Provider {
	if f.children == nil {
		return nil
	}
	return f.children()
}

func (f fake) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if f.send != nil {
		return f.send(ctx, req)
	}
	return otp.Verification{Provider: f.name, ID: "1", To: req.To, Channel: otp.SMS}, nil
}

func (f fake) Verify(ctx context.Context, v otp.Verification, _ string) error {
	if f.verify != nil {
		return f.verify(ctx, v)
	}
	return nil
}

// failing is a provider whose calls fail with err.
func failing(name, vendor string, err error) fake {
	return fake{
		name: name, vendor: vendor,
		send:   func(context.Context, otp.SendRequest) (otp.Verification, error) { return otp.Verification{}, err },
		verify: func(context.Context, otp.Verification) error { return err },
	}
}
