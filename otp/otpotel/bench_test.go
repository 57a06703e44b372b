package otpotel_test

import (
	"context"
	"maps"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/trace"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpotel"
)

// idle is a provider that does what any does, and nothing else: it tells of its one attempt.
type idle struct{}

func (idle) Name() string { return "idle" }

func (idle) Capabilities() otp.Capabilities {
	return otp.Capabilities{Vendor: "idle", Default: otp.SMS}
}

func (idle) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if tell := otp.ObserverFrom(ctx); tell != nil {
		tell(otp.AttemptEvent{Provider: "idle", Op: "send", Number: 1, HTTPStatus: 200, Outcome: otp.OutcomeAccepted})
	}
	return otp.Verification{Provider: "idle", ID: "1", To: req.To, Channel: otp.SMS}, nil
}

func (idle) Verify(context.Context, otp.Verification, string) error { return nil }

// nowhere is an exporter that does nothing.
type nowhere struct{}

func (nowhere) ExportSpans(context.Context, []trace.ReadOnlySpan) error { return nil }

func (nowhere) Shutdown(context.Context) error { return nil }

// watched are the ways to watch a provider: not at all, without an SDK, and with one whose exporter
// does nothing.
func watched(tb testing.TB) map[string]otp.Provider {
	tb.Helper()
	traces := trace.NewTracerProvider(trace.WithSyncer(nowhere{}))
	meters := metric.NewMeterProvider(metric.WithReader(metric.NewManualReader()))
	sdk, err := otpotel.Wrap(idle{}, otpotel.WithTracerProvider(traces), otpotel.WithMeterProvider(meters))
	require.NoError(tb, err)
	none, err := otpotel.Wrap(idle{})
	require.NoError(tb, err)
	return map[string]otp.Provider{"floor": idle{}, "noop": none, "sdk": sdk}
}

// mostAllocations is what watching may add to a send, with the SDK's own.
const mostAllocations = 12

func TestWatchingAllocatesLittle(t *testing.T) {
	req := otp.SendRequest{To: number}
	for name, provider := range watched(t) {
		allocations := testing.AllocsPerRun(100, func() { _, _ = provider.Send(t.Context(), req) })
		assert.LessOrEqual(t, allocations, float64(mostAllocations), name)
	}
}

// BenchmarkSend measures a provider by itself, the floor, and what watching it adds.
func BenchmarkSend(b *testing.B) {
	providers := watched(b)
	for _, name := range slices.Sorted(maps.Keys(providers)) {
		provider := providers[name]
		b.Run(name, func(b *testing.B) {
			req := otp.SendRequest{To: number}
			b.ReportAllocs()
			for b.Loop() {
				if _, err := provider.Send(b.Context(), req); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}
