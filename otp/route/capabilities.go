package route

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// Capabilities are what the providers that send have in common, as they are now: every channel that any of them offers,
// each with what all that offer it can do. Vendor is the sort of router: "failover", "weighted", "by_prefix" or
// "draining". The default channel is the first provider's; a request without a channel goes out by the default channel of
// the provider that gets it.
//
// So what they promise can be asked of any of the providers. Some can do more, and Send asks those: see [Router.Check].
func (r *Router) Capabilities() otp.Capabilities {
	all := otp.Capabilities{Vendor: r.vendor, Channels: make(map[otp.Channel]otp.Features)}
	for i, sender := range r.senders {
		caps := sender.Capabilities()
		if i == 0 {
			all.Default = caps.Default
		}
		for channel, features := range caps.Channels {
			if known, offered := all.Channels[channel]; offered {
				features = common(known, features)
			}
			features.Locales = slices.Clone(features.Locales)
			all.Channels[channel] = features
		}
	}
	return all
}

// common is what both can do.
func common(a, b otp.Features) otp.Features {
	length := overlap(a.CodeLength, b.CodeLength)
	return otp.Features{
		CodeLength:   length,
		MaxAttempts:  overlap(a.MaxAttempts, b.MaxAttempts),
		TTL:          overlap(a.TTL, b.TTL),
		OwnCode:      a.OwnCode && b.OwnCode && length != otp.Range[int]{},
		Alphanumeric: a.Alphanumeric && b.Alphanumeric,
		Locales:      commonLocales(a.Locales, b.Locales),
	}
}

func overlap[T cmp.Ordered](a, b otp.Range[T]) otp.Range[T] {
	both := otp.Range[T]{Min: max(a.Min, b.Min), Max: min(a.Max, b.Max)}
	if both.Min > both.Max { // so it is with the zero range, too, which holds nothing
		return otp.Range[T]{}
	}
	return both
}

// commonLocales are the languages of either that both speak, by the rules of otp.Features.MatchLocale.
func commonLocales(a, b []string) []string {
	spokenByA, spokenByB := languagesOf(a), languagesOf(b)
	listed := make(languages)
	var both []string
	for _, locale := range slices.Concat(a, b) {
		tag := tagOf(locale)
		if !listed[tag] && spokenByA.match(tag) && spokenByB.match(tag) {
			listed[tag] = true
			both = append(both, locale)
		}
	}
	return both
}

// languages are tags in lower case with dashes.
type languages map[string]bool

func languagesOf(locales []string) languages {
	spoken := make(languages, len(locales))
	for _, locale := range locales {
		spoken[tagOf(locale)] = true
	}
	return spoken
}

func (l languages) match(tag string) bool {
	base, _, _ := strings.Cut(tag, "-")
	return l[tag] || l[base]
}

func tagOf(locale string) string { return strings.ToLower(strings.ReplaceAll(locale, "_", "-")) }
