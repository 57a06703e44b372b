package otp

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"time"
)

// Capabilities is what a provider can do, known before any request.
type Capabilities struct {
	// Vendor is the vendor's package name, "insider"; fit for a metric's label. [Provider.Name] is
	// the instance.
	Vendor string

	// Default is the channel of a request that names none.
	Default Channel

	// Channels holds the features of every channel that the provider offers.
	Channels map[Channel]Features
}

// Features is what a provider can do on one channel.
type Features struct {
	// CodeLength and MaxAttempts are what may be asked for. The zero range means that it cannot be
	// asked for.
	CodeLength, MaxAttempts Range[int]

	// TTL is the lifetime that may be asked for. The zero range means that it cannot be asked for.
	TTL Range[time.Duration]

	// OwnCode: the vendor takes a code of the caller's own.
	OwnCode bool

	// Alphanumeric: codes may hold letters.
	Alphanumeric bool

	// Locales are the languages of the message, spelt as the vendor spells them ("pt_BR"). Empty =
	// cannot be chosen.
	Locales []string
}

// Range is an interval from Min to Max, both of them in it. The zero Range holds nothing.
type Range[T cmp.Ordered] struct{ Min, Max T }

// Contains reports whether v lies in r.
func (r Range[T]) Contains(v T) bool { return r != Range[T]{} && r.Min <= v && v <= r.Max }

// Check refuses a request that is malformed or that the provider cannot serve. A nil error means
// that the provider will try. The error is an [*Error] with Op "send" and [OutcomeNotSent] that
// names the field: [ErrInvalidRecipient] or [ErrInvalidRequest] when no provider could serve it,
// [ErrUnsupported] when another one may. To ask a provider, use [CanSend]: it copies nothing and
// sees through wrappers.
func (c Capabilities) Check(req SendRequest) error {
	if err := checkForm(req); err != nil {
		return err
	}
	return c.Offers(req)
}

// Clone returns c with maps and slices of its own, for a caller who may change them.
func (c Capabilities) Clone() Capabilities {
	c.Channels = maps.Clone(c.Channels)
	for channel, features := range c.Channels {
		features.Locales = slices.Clone(features.Locales)
		c.Channels[channel] = features
	}
	return c
}

// Offers is the second half of Check, for a request whose form has been checked: whether the
// provider has what it asks for.
func (c Capabilities) Offers(req SendRequest) error {
	channel := cmp.Or(req.Channel, c.Default)
	features, offered := c.Channels[channel]
	if !offered {
		return refuse(ErrUnsupported, "channel", "must be one of: "+c.channelNames())
	}
	return features.check(req)
}

func (c Capabilities) channelNames() string {
	var names []string
	for _, channel := range slices.Sorted(maps.Keys(c.Channels)) {
		names = append(names, string(channel))
	}
	return strings.Join(names, ", ")
}

// check compares what was asked for explicitly with what the channel offers.
func (f Features) check(req SendRequest) error {
	if req.CodeLength != 0 && !f.CodeLength.Contains(req.CodeLength) {
		return refuse(ErrUnsupported, "code_length", rangeRule(f.CodeLength))
	}
	if req.TTL != 0 && !f.TTL.Contains(req.TTL) {
		return refuse(ErrUnsupported, "ttl", rangeRule(f.TTL))
	}
	if req.MaxAttempts != 0 && !f.MaxAttempts.Contains(req.MaxAttempts) {
		return refuse(ErrUnsupported, "max_attempts", rangeRule(f.MaxAttempts))
	}
	if req.Code != "" {
		return f.checkOwnCode(req.Code)
	}
	return nil
}

func (f Features) checkOwnCode(code string) error {
	switch {
	case !f.OwnCode:
		return refuse(ErrUnsupported, "code", "this provider makes the code itself")
	case !f.CodeLength.Contains(len(code)):
		return refuse(ErrUnsupported, "code", "its length "+rangeRule(f.CodeLength))
	case !f.Alphanumeric && strings.Trim(code, "0123456789") != "":
		return refuse(ErrUnsupported, "code", "must hold digits only")
	}
	return nil
}
