package route

import (
	"cmp"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// Capabilities are what the providers that send have in common, as they are now: every channel that
// any of them offers, each with what all that offer it can do. Vendor is the sort of router:
// "failover", "weighted", "by_prefix", "learning" or "draining". The default channel is the first
// provider's; a request without a channel goes out by the default channel of the provider that gets
// it.
//
// So what they promise can be asked of any of the providers. Some can do more, and Send asks those:
// see [otp.CanSend].
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
		Locales:      commonLocales(a, b),
	}
}

func overlap[T cmp.Ordered](a, b otp.Range[T]) otp.Range[T] {
	both := otp.Range[T]{Min: max(a.Min, b.Min), Max: min(a.Max, b.Max)}
	if both.Min > both.Max { // so it is with the zero range, too, which holds nothing
		return otp.Range[T]{}
	}
	return both
}

// commonLocales are the languages of either that both speak, by the rules of
// otp.Features.MatchLocale.
func commonLocales(a, b otp.Features) []string {
	listed := make(map[string]bool)
	var both []string
	for _, locale := range slices.Concat(a.Locales, b.Locales) {
		tag := strings.ToLower(strings.ReplaceAll(locale, "_", "-"))
		_, spokenByA := a.MatchLocale(tag)
		_, spokenByB := b.MatchLocale(tag)
		if spokenByA && spokenByB && !listed[tag] {
			listed[tag] = true
			both = append(both, locale)
		}
	}
	return both
}
