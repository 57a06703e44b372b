package guard_test

import (
	"context"
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base64"
	"encoding/binary"
	"encoding/hex"
	"math"
	"net/netip"
	"runtime"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// instant is a provider that takes no time: the floor of what a guard costs.
type instant struct {
	caps   otp.Capabilities
	answer error
}

func newInstant() *instant {
	return &instant{caps: otp.Capabilities{Default: otp.SMS, Channels: map[otp.Channel]otp.Features{otp.SMS: {}}}}
}

func (*instant) Name() string                     { return "main" }
func (p *instant) Capabilities() otp.Capabilities { return p.caps }

func (*instant) Send(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
	return otp.Verification{Provider: "main", ID: "2b4f8c12-9d41-4c55-8f9e-6f2f0c1d7a11", To: req.To, Channel: otp.SMS}, nil
}

func (p *instant) Verify(context.Context, otp.Verification, string) error { return p.answer }

// distinct is the i-th number.
func distinct(i int) string {
	digits := []byte("+905000000000")
	for at := len(digits) - 1; i > 0; at, i = at-1, i/10 {
		digits[at] = '0' + byte(i%10)
	}
	return string(digits)
}

// roomy lets everything pass, with every rule at work.
func roomy(tb testing.TB, p otp.Provider, more ...guard.Option) *guard.Guard {
	tb.Helper()
	most := otp.Rate{Events: 1 << 30, Per: 24 * time.Hour}
	more = append(more, guard.WithCooldown(time.Second), guard.WithNumberLimit(most), guard.WithWrongCodeLimit(most),
		guard.WithBudget(otp.Rate{Events: 1 << 29, Per: time.Minute}, most))
	for _, rule := range []guard.Rule{
		guard.RuleNumber, guard.RuleSession, guard.RuleDevice, guard.RuleAddress, guard.RuleSubnet, guard.RuleNetwork, guard.RuleBlock,
		guard.RuleCountry, guard.RuleNewCountries,
	} {
		more = append(more, guard.WithFloor(rule, most))
	}
	g, err := guard.New(p, more...)
	require.NoError(tb, err)
	return g
}

// fromCaller says of the caller what most programs know.
func fromCaller(ctx context.Context) context.Context {
	return guard.WithCaller(ctx, guard.Caller{Purpose: "login", IP: netip.MustParseAddr("192.0.2.1")})
}

const manyNumbers = 100_000 // fit in a store

func benchmarkSend(b *testing.B, provider func() otp.Provider, numbers []string) {
	b.Helper()
	ctx := fromCaller(b.Context())
	b.ReportAllocs()
	i, p := 0, provider()
	for b.Loop() {
		i++
		if i%manyNumbers == 0 { // before the store is full
			b.StopTimer()
			p = provider()
			b.StartTimer()
		}
		if _, err := p.Send(ctx, otp.SendRequest{To: numbers[i%len(numbers)]}); err != nil && len(numbers) > 1 {
			b.Fatal(err)
		}
	}
}

// BenchmarkSend compares a send through a guard in memory with one without, and with the hashes
// that it cannot do without: of the number, its range, the number with the purpose, the IP, and the
// verification. "known" sends to a thousand numbers in turn, "new" to each number once, and
// "refused" to one number in its cooldown.
func BenchmarkSend(b *testing.B) {
	numbers := make([]string, manyNumbers)
	for i := range numbers {
		numbers[i] = distinct(i)
	}
	full := func() otp.Provider { return roomy(b, newInstant()) }
	b.Run("floor", func(b *testing.B) { benchmarkSend(b, func() otp.Provider { return newInstant() }, numbers) })
	b.Run("hashes", func(b *testing.B) {
		mac, data, sum := hmac.New(sha256.New, make([]byte, 32)), make([]byte, 24), make([]byte, 0, sha256.Size)
		b.ReportAllocs()
		for b.Loop() {
			for range 5 {
				mac.Reset()
				_, _ = mac.Write(data)
				sum = mac.Sum(sum[:0])
			}
		}
	})
	b.Run("known", func(b *testing.B) {
		benchmarkSend(b, func() otp.Provider { return roomy(b, newInstant(), guard.Without(guard.RuleCooldown)) }, numbers[:1000])
	})
	b.Run("new", func(b *testing.B) { benchmarkSend(b, full, numbers) })
	b.Run("refused", func(b *testing.B) { benchmarkSend(b, full, numbers[:1]) })
}

// A send to a number that is known, and one to a new number, in memory. The race detector makes
// pools forget now and then, so the fewest of many sends count.
func TestAllocationsOfASend(t *testing.T) {
	ctx, i := fromCaller(t.Context()), 0
	fewest := func(g *guard.Guard, to func() string) float64 {
		least := math.Inf(1)
		for range 100 {
			least = min(least, testing.AllocsPerRun(1, func() { _, _ = g.Send(ctx, otp.SendRequest{To: to()}) }))
		}
		return least
	}
	assert.LessOrEqual(t, fewest(roomy(t, newInstant(), guard.Without(guard.RuleCooldown)), func() string { return number }), 4.0)
	numbers := make([]string, 1000)
	for i := range numbers {
		numbers[i] = distinct(i)
	}
	assert.LessOrEqual(t, fewest(roomy(t, newInstant()), func() string { i++; return numbers[i] }), 5.0) // 4 without the race detector
}

// BenchmarkVerify is a right code: two steps.
func BenchmarkVerify(b *testing.B) {
	for _, guarded := range []bool{false, true} {
		b.Run(map[bool]string{false: "floor", true: "guard"}[guarded], func(b *testing.B) {
			var p otp.Provider = newInstant()
			v := otp.Verification{Provider: "main", To: number}
			var id [8]byte
			b.ReportAllocs()
			for i := uint64(0); b.Loop(); i++ {
				if guarded && i%100_000 == 0 { // before the store is full
					b.StopTimer()
					p = roomy(b, newInstant())
					b.StartTimer()
				}
				binary.BigEndian.PutUint64(id[:], i)
				v.ID = hex.EncodeToString(id[:])
				if err := p.Verify(b.Context(), v, "123456"); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

// BenchmarkMemory is one change of a store.
func BenchmarkMemory(b *testing.B) {
	store := memory(b, 0)
	c := guard.Change{Take: []guard.Limit{{Key: "n0:0000000000000000000000", Window: time.Hour}}}
	b.ReportAllocs()
	b.RunParallel(func(pb *testing.PB) {
		for pb.Next() {
			if _, err := store.Apply(background, c); err != nil {
				b.Error(err)
			}
		}
	})
}

// BenchmarkMemoryOfNumbers is what a million numbers, or addresses, take that have been sent one
// code each: what stays for a day, once the codes have ended.
func BenchmarkMemoryOfNumbers(b *testing.B) {
	for name, limits := range map[string]func(key string) []guard.Limit{
		"number": func(key string) []guard.Limit {
			return []guard.Limit{{Key: key + "/s", Load: &guard.Load{Windows: []guard.Window{{Per: 10 * time.Minute, Max: 5}, {Per: 24 * time.Hour, Floor: 6, Max: 10}}}}}
		},
		"address": func(key string) []guard.Limit {
			return []guard.Limit{{Key: key, Load: &guard.Load{Windows: []guard.Window{{Per: 24 * time.Hour, Floor: 20}}, Kinds: 3}}}
		},
	} {
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				store := memory(b, 0)
				before := heapBytes()
				var key [16]byte
				for i := range guard.DefaultEntries {
					binary.BigEndian.PutUint64(key[8:], uint64(i)*0x9e3779b97f4a7c15)
					apply(b, store, guard.Change{Take: limits("n" + base64.RawURLEncoding.EncodeToString(key[:]))})
				}
				b.ReportMetric(float64(heapBytes()-before)/guard.DefaultEntries, "B/entry")
				runtime.KeepAlive(store)
			}
		})
	}
}
