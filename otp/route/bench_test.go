package route_test

import (
	"context"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/route"
)

// failsWith is a provider whose sends all end with one ready error.
func failsWith(name string, err error) *double {
	return &double{name: name, send: func(context.Context, otp.SendRequest) (otp.Verification, error) {
		return otp.Verification{}, err
	}}
}

func notSent(name string) *double {
	return failsWith(name, &otp.Error{Provider: name, Op: "send", Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent})
}

func handsOnTwice() *route.Router {
	return must(route.Failover("main", notSent("a"), notSent("b"), &double{name: "c"}))
}

func TestHandingOnAllocatesNothing(t *testing.T) {
	r, ctx, req := handsOnTwice(), t.Context(), otp.SendRequest{To: number}
	for name, p := range map[string]otp.Provider{
		"a failover": r,
		"shares":     must(route.Weighted("main", weighing(3, 2, 1)...)),
		"learning":   must(route.Learning("main", []otp.Provider{&double{name: "a"}, &double{name: "b"}})),
		"prefixes":   must(route.ByPrefix("prefixes", map[string]otp.Provider{"": r, "+33": notSent("z")})),
		"a switch":   must(route.NewSwitch("switch", r, 0)),
		"layers":     must(route.Failover("outer", must(route.NewSwitch("switch", r, 0)), notSent("z"))),
	} {
		assert.Zero(t, testing.AllocsPerRun(100, func() { _, _ = p.Send(ctx, req) }), name)
	}
}

func benchmarkSend(b *testing.B, p otp.Provider) {
	b.Helper()
	ctx, req := b.Context(), otp.SendRequest{To: number}
	b.ReportAllocs()
	for b.Loop() {
		_, _ = p.Send(ctx, req)
	}
}

func BenchmarkFloor(b *testing.B) { benchmarkSend(b, &double{name: "a"}) }

func BenchmarkFailoverFirst(b *testing.B) {
	benchmarkSend(b, must(route.Failover("main", &double{name: "a"}, &double{name: "b"})))
}

func BenchmarkFailoverThird(b *testing.B) { benchmarkSend(b, handsOnTwice()) }

func BenchmarkFailoverNobody(b *testing.B) {
	benchmarkSend(b, must(route.Failover("main", notSent("a"), notSent("b"))))
}

func BenchmarkWeighted(b *testing.B) {
	benchmarkSend(b, must(route.Weighted("main", weighing(5, 3, 2)...)))
}

func BenchmarkByPrefix(b *testing.B) {
	benchmarkSend(b, must(route.ByPrefix("main", map[string]otp.Provider{"+33": &double{name: "a"}, "": &double{name: "b"}})))
}

func benchmarkLearning(b *testing.B, vendors ...otp.Provider) {
	b.Helper()
	r := must(route.Learning("main", vendors))
	for range 1000 {
		v, _ := r.Send(b.Context(), otp.SendRequest{To: number})
		_ = r.Verify(b.Context(), v, "123456")
	}
	b.ResetTimer()
	benchmarkSend(b, r)
}

func BenchmarkLearning(b *testing.B) {
	benchmarkLearning(b, &double{name: "a"}, &double{name: "b"}, &double{name: "c"})
}

func BenchmarkSwitch(b *testing.B) {
	benchmarkSend(b, must(route.NewSwitch("main", &double{name: "a"}, 0)))
}

func BenchmarkBreaker(b *testing.B) { benchmarkSend(b, must(route.Breaker(&double{name: "a"}))) }

func BenchmarkVerify(b *testing.B) {
	r := must(route.Failover("main", must(route.Failover("x", notSent("a"), notSent("b"))), &double{name: "c"}))
	ctx, v := b.Context(), via("c", otp.SMS)
	b.ReportAllocs()
	for b.Loop() {
		_ = r.Verify(ctx, v, "123456")
	}
}

func BenchmarkCapabilities(b *testing.B) {
	r := must(route.Failover("main", leaf("a"), leaf("b")))
	b.ReportAllocs()
	for b.Loop() {
		_ = r.Capabilities()
	}
}
