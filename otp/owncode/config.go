package owncode

import (
	"bytes"
	"cmp"
	"fmt"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Config is what [New] needs. Keys alone is a valid one. Printing, logging or encoding it masks the
// keys.
type Config struct {
	// Keys make and check codes: 1 to 8, of 32 random bytes or more each. The first one makes new
	// codes, all of them check. To replace a key, put the new one last in all processes, then first,
	// and drop the old one when its last code has expired. Required.
	Keys [][]byte `mask:"secret"`

	// Store keeps attempts, expiry, single use and the newest id. Processes that share one check each
	// other's codes. It may be a guard's store as well. Nil = one in memory, for this process alone.
	Store guard.Store `mask:"secret"`

	// Message is the text. The zero value is plain English.
	Message Message

	// Channels are those that the sender serves, the default first. Empty = otp.SMS.
	Channels []otp.Channel

	// Letters makes codes of the letters BCDFGHJKLMNPQRSTVWXZ instead of digits. They may be typed in
	// small letters as well.
	Letters bool

	// CodeLength is what may be asked for; a request that asks for nothing gets six, or what is
	// nearest. Zero = 6 to 10; at most 16 digits or 12 letters.
	CodeLength otp.Range[int]

	// TTL is what may be asked for; a request that asks for nothing gets five minutes, or what is
	// nearest. In whole seconds. Zero = 30 seconds to 10 minutes; at most 24 hours.
	TTL otp.Range[time.Duration]

	// MaxAttempts is what may be asked for; a request that asks for nothing gets five, or what is
	// nearest. Zero = 1 to 10, which is the most.
	MaxAttempts otp.Range[int]

	// Fallback is asked at once, with the same code, when the sender has not sent the text, and when
	// nobody knows whether it has. The person may then get one code twice, never two codes. It may use
	// any channel. The sender gets at most half of the time there is. Nil = the sender's error is
	// returned.
	Fallback Sender `mask:"secret"`
}

const (
	defaultAttempts = 5
	shortestKey     = 32
	mostKeys        = 8
)

// filled is c with its defaults.
func (c Config) filled() Config {
	if len(c.Channels) == 0 {
		c.Channels = []otp.Channel{otp.SMS}
	}
	c.CodeLength = cmp.Or(c.CodeLength, otp.Range[int]{Min: 6, Max: 10})
	c.TTL = cmp.Or(c.TTL, otp.Range[time.Duration]{Min: 30 * time.Second, Max: 10 * time.Minute})
	c.MaxAttempts = cmp.Or(c.MaxAttempts, otp.Range[int]{Min: 1, Max: mostAttempts})
	c.Message = c.Message.filled()
	return c
}

// check refuses what breaks a rule, by its name in a configuration.
func (c Config) check() error {
	err := vendorkit.When(len(c.Keys) == 0 || len(c.Keys) > mostKeys, "keys", "must be 1 to 8")
	for i, key := range c.Keys {
		isKey := func(earlier []byte) bool { return bytes.Equal(earlier, key) }
		err = vendorkit.First(err,
			vendorkit.When(len(key) < shortestKey, "keys", "must have at least 32 bytes each"),
			vendorkit.When(slices.ContainsFunc(c.Keys[:i], isKey), "keys", "must all be different"))
	}
	return vendorkit.First(err,
		vendorkit.When(c.Store != nil && check.IsNil(c.Store), "store", "must not be a nil pointer; nil itself means memory"),
		vendorkit.When(c.Fallback != nil && check.IsNil(c.Fallback), "fallback", "must not be nil in an interface"),
		vendorkit.When(slices.Contains(c.Channels, ""), "channels", "must not hold an empty one"),
		within("code_length", c.CodeLength, 4, longest(c.Letters)),
		within("max_attempts", c.MaxAttempts, 1, mostAttempts),
		within("ttl", c.TTL, time.Second, longestTTL),
		vendorkit.When((c.TTL.Min+c.TTL.Max)%time.Second != 0, "ttl", "must be whole seconds"),
	)
}

func within[T cmp.Ordered](field string, r otp.Range[T], lowest, highest T) error {
	return vendorkit.When(r.Min < lowest || r.Max < r.Min || r.Max > highest, field,
		fmt.Sprintf("must lie within %v to %v", lowest, highest))
}

// capabilities are those of a filled config.
func (c Config) capabilities() otp.Capabilities {
	caps := otp.Capabilities{Vendor: Vendor, Default: c.Channels[0], Channels: map[otp.Channel]otp.Features{}}
	for _, channel := range c.Channels {
		caps.Channels[channel] = otp.Features{
			CodeLength: c.CodeLength, MaxAttempts: c.MaxAttempts, TTL: c.TTL,
			Alphanumeric: c.Letters, Locales: c.Message.locales(),
		}
	}
	return caps
}

// Format prints c with its keys masked, under every verb.
func (c Config) Format(s fmt.State, verb rune) { vendorkit.Format(s, verb, c) }

// MarshalJSON is c with its keys masked.
func (c Config) MarshalJSON() ([]byte, error) { return vendorkit.MarshalJSON(c) }

// MarshalText is c on one line with its keys masked.
func (c Config) MarshalText() ([]byte, error) { return vendorkit.MarshalText(c) }

// GobEncode is MarshalText.
func (c Config) GobEncode() ([]byte, error) { return c.MarshalText() }
