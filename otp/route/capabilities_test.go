package route_test

import (
	"cmp"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

func between[T cmp.Ordered](least, most T) otp.Range[T] { return otp.Range[T]{Min: least, Max: most} }

func TestCapabilitiesAreWhatAllCanDoOnAChannel(t *testing.T) {
	a := otptest.NewProvider(otptest.WithName("a"), otptest.WithCapabilities(otp.Capabilities{
		Vendor: "x", Default: otp.WhatsApp, Channels: map[otp.Channel]otp.Features{
			otp.SMS: {
				CodeLength: between(4, 8), MaxAttempts: between(1, 10), TTL: between(time.Minute, time.Hour),
				OwnCode: true, Alphanumeric: true, Locales: []string{"pt_BR", "de", "en_GB", "fr", "it"},
			},
			otp.WhatsApp: {CodeLength: between(4, 4), OwnCode: true, Locales: []string{"tr"}},
		},
	}))
	b := otptest.NewProvider(otptest.WithName("b"), otptest.WithCapabilities(otp.Capabilities{
		Vendor: "y", Default: otp.SMS, Channels: map[otp.Channel]otp.Features{
			otp.SMS: {
				CodeLength: between(6, 32), TTL: between(time.Second, 10*time.Minute),
				OwnCode: true, Locales: []string{"PT", "de-AT", "en", "IT"},
			},
			otp.Voice: {CodeLength: between(5, 5)},
		},
	}))
	want := map[otp.Channel]otp.Features{
		otp.SMS: {
			CodeLength: between(6, 8), TTL: between(time.Minute, 10*time.Minute), OwnCode: true,
			Locales: []string{"pt_BR", "de", "en_GB", "it", "PT", "de-AT", "en"},
		},
		otp.WhatsApp: a.Capabilities().Channels[otp.WhatsApp],
		otp.Voice:    b.Capabilities().Channels[otp.Voice],
	}
	for vendor, r := range map[string]otp.Provider{
		"failover":  must(route.Failover("main", a, b)),
		"weighted":  must(route.Weighted("main", route.Share{Provider: a, Weight: 1}, route.Share{Provider: b, Weight: 1})),
		"by_prefix": must(route.ByPrefix("main", map[string]otp.Provider{"": a, "+1": b})),
	} {
		assert.Equal(t, otp.Capabilities{Vendor: vendor, Default: otp.WhatsApp, Channels: want}, r.Capabilities())
	}
	for _, p := range []otp.Provider{must(route.Breaker(a)), must(route.NewSwitch("main", a, 0))} {
		assert.Equal(t, a.Capabilities(), p.Capabilities(), "of the one provider")
	}

	length := must(route.Failover("main",
		leafWith("four", otp.Features{CodeLength: between(4, 4), OwnCode: true}, otp.SMS),
		leafWith("five", otp.Features{CodeLength: between(5, 5), OwnCode: true}, otp.SMS),
	)).Capabilities().Channels[otp.SMS]
	assert.Equal(t, otp.Features{}, length, "no length is common, and so no code of one's own")
}

func TestCapabilitiesAreTheCallersToChange(t *testing.T) {
	a := &double{name: "a", caps: otp.Capabilities{Default: otp.SMS, Channels: map[otp.Channel]otp.Features{
		otp.SMS: {Locales: []string{"tr"}},
	}}}
	r := must(route.Failover("main", a))
	caps := r.Capabilities()
	caps.Channels[otp.SMS].Locales[0] = "xx"
	delete(caps.Channels, otp.SMS)
	assert.Equal(t, []string{"tr"}, r.Capabilities().Channels[otp.SMS].Locales)
}

func TestWhatOneBranchCanDoIsNotRefused(t *testing.T) {
	short := leafWith("short", otp.Features{CodeLength: between(4, 4)}, otp.SMS)
	long := leafWith("long", otp.Features{CodeLength: between(10, 10)}, otp.SMS)
	inner := must(route.Failover("inner", short, long))
	req := otp.SendRequest{To: number, CodeLength: 10}
	require.ErrorIs(t, inner.Capabilities().Check(req), otp.ErrUnsupported, "they do not promise it")
	for name, p := range map[string]otp.Provider{
		"the router itself": inner,
		"in a failover":     must(route.Failover("main", inner, leaf("other"))),
		"behind a guard":    must(route.Failover("main", &wrapper{Provider: inner}, leaf("other"))),
		"in shares":         must(route.Weighted("main", route.Share{Provider: inner, Weight: 1})),
		"in a switch":       must(route.Failover("main", must(route.NewSwitch("x", inner, 0)), leaf("other"))),
		"in a breaker":      must(route.Failover("main", must(route.Breaker(inner)), leaf("other"))),
		"as the active one": must(route.Draining("main", inner, leaf("other"))),
	} {
		v, err := p.Send(t.Context(), req)
		require.NoError(t, err, name)
		assert.Equal(t, "long", v.Provider, name)
	}
}

func TestChannelsOfAReplacedProviderAreTheNewOnes(t *testing.T) {
	s := must(route.NewSwitch("main", leafWith("a", otp.Features{}, otp.SMS), 0))
	r := must(route.Failover("outer", s, leafWith("z", otp.Features{}, otp.Voice)))
	require.NoError(t, s.Replace(leafWith("b", otp.Features{}, otp.WhatsApp)))
	assert.Equal(t, otp.WhatsApp, r.Capabilities().Default)
	assert.NotContains(t, r.Capabilities().Channels, otp.SMS)
	require.ErrorIs(t, otp.CanSend(r, otp.SendRequest{To: number, Channel: otp.SMS}), otp.ErrUnsupported, "though it still verifies")
}

// Whatever the composed capabilities promise, each provider that offers the channel keeps; and what
// all of them can do, they promise.
func TestCapabilitiesPromiseExactlyWhatAllKeep(t *testing.T) {
	locales := []string{"pt", "pt-BR", "pt_PT", "DE", "de-AT", "zh_Hant_TW", "en"}
	channels := []otp.Channel{otp.SMS, otp.WhatsApp}
	rapid.Check(t, func(t *rapid.T) {
		var providers []otp.Provider
		for _, name := range []string{"a", "b", "c"} {
			features := otp.Features{
				CodeLength: drawRange(t, 1, 8),
				TTL:        otp.Range[time.Duration]{Min: time.Second, Max: time.Duration(rapid.IntRange(1, 5).Draw(t, "ttl")) * time.Second},
				OwnCode:    rapid.Bool().Draw(t, "own"),
				Locales:    rapid.SliceOfDistinct(rapid.SampledFrom(locales), rapid.ID).Draw(t, "locales"),
			}
			offered := rapid.SliceOfNDistinct(rapid.SampledFrom(channels), 1, 2, rapid.ID).Draw(t, "channels")
			providers = append(providers, leafWith(name, features, offered...))
		}
		r := must(route.Failover("main", providers...))
		req := otp.SendRequest{
			To:         number,
			Channel:    rapid.SampledFrom(channels).Draw(t, "channel"),
			Locale:     rapid.SampledFrom(append(locales, "", "de-CH", "fr", "pt-AO")).Draw(t, "locale"),
			CodeLength: rapid.IntRange(0, 9).Draw(t, "length"),
			TTL:        time.Duration(rapid.IntRange(0, 6).Draw(t, "lifetime")) * time.Second,
		}
		every, some := true, false
		offering := 0
		for _, p := range providers {
			caps := p.Capabilities()
			if _, offers := caps.Channels[req.Channel]; !offers {
				continue
			}
			offering++
			can := caps.Check(req) == nil
			every, some = every && can, some || can
		}
		promised := r.Capabilities().Check(req) == nil
		if promised != (every && offering > 0) {
			t.Fatalf("promised %t, kept by every one %t: %v", promised, every, req)
		}
		if served := otp.CanSend(r, req) == nil; served != some {
			t.Fatalf("Check says %t, some can %t: %v", served, some, req)
		}
		if _, err := r.Send(t.Context(), req); (err == nil) != some {
			t.Fatalf("Send says %v, some can %t: %v", err, some, req)
		}
	})
}

func drawRange(t *rapid.T, least, most int) otp.Range[int] {
	lower := rapid.IntRange(least, most).Draw(t, "min")
	return otp.Range[int]{Min: lower, Max: rapid.IntRange(lower, most).Draw(t, "max")}
}
