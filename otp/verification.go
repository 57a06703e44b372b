package otp

import (
	"crypto/rand"
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/naming"
)

// Verification is what [Provider.Send] returns and [Provider.Verify] needs: which provider sent a
// code, and to whom.
//
// It is a plain value. Store it beside the person's session, as JSON if you like; it never holds
// the code. It equals itself after it was stored and read, so its times are in UTC without a
// monotonic reading: anyone who makes one writes t.UTC().Round(0).
//
// Printing or logging it masks the number; encoding it does not, or it could not be read back. Do
// not hand it to a browser as it is: anyone who can change it can decide which number gets
// verified.
type Verification struct {
	// Provider is the [Provider.Name] of the sender. Verify goes back there, whatever the
	// configuration says by then.
	Provider string `json:"provider"`

	// ID is the vendor's reference to the send. Where the vendor gives none, or its answer was
	// lost, it is a random one, see [RandomID].
	ID string `json:"id"`

	// To is the recipient, E.164.
	To string `json:"to"`

	// Channel is how the code travelled. "" = not known; Verify does not need it.
	Channel Channel `json:"channel,omitempty"`

	// ExpiresAt is when the code stops being valid, in UTC, counted from our own clock. Zero = not
	// known; Verify does not need it.
	ExpiresAt time.Time `json:"expires_at,omitzero"`

	// SentAt is when the send was asked for, in UTC. Zero = not known; Verify does not need it.
	SentAt time.Time `json:"sent_at,omitzero"`
}

// IsZero reports whether v is empty: nothing was sent.
func (v Verification) IsZero() bool { return v == Verification{} }

// CanVerify reports whether a code can be verified for v. It is false for the zero value, and when
// the answer to the send was lost and this vendor verifies by nothing else: then offer "send again"
// at once.
func (v Verification) CanVerify() bool { return !v.IsZero() && !strings.HasPrefix(v.ID, lostID) }

// HasReference reports whether ID is the vendor's own reference.
func (v Verification) HasReference() bool {
	return v.ID != "" && !strings.HasPrefix(v.ID, lostID) && !strings.HasPrefix(v.ID, randomID)
}

// The marks of the random IDs. They are part of what users have stored, so they stay.
const (
	randomID = "otp-random-"
	lostID   = "otp-lost-"
)

// RandomID returns the [Verification.ID] of a send to which the vendor gave no reference. canVerify
// says whether the vendor can verify the code without one, by the number.
func RandomID(canVerify bool) string {
	if canVerify {
		return randomID + rand.Text()
	}
	return lostID + rand.Text()
}

// String describes v on one line, with its number masked.
func (v Verification) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s to %s", oneLine(v.Provider), oneLine(v.ID), Mask(v.To))
	if v.Channel != "" {
		fmt.Fprintf(&b, " by %s", oneLine(string(v.Channel)))
	}
	if !v.ExpiresAt.IsZero() {
		fmt.Fprintf(&b, " until %s", timeText(v.ExpiresAt))
	}
	return b.String()
}

// GoString is the %#v form, with the number masked.
func (v Verification) GoString() string {
	return fmt.Sprintf("otp.Verification{Provider:%q, ID:%q, To:%q, Channel:%q, ExpiresAt:%q, SentAt:%q}",
		v.Provider, v.ID, Mask(v.To), string(v.Channel), timeText(v.ExpiresAt), timeText(v.SentAt))
}

// timeText is t in UTC; "" = not known.
func timeText(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

// Format serves every verb of package fmt, because verbs such as %d would otherwise print the
// fields as they are.
func (v Verification) Format(s fmt.State, verb rune) { formatMasked(s, verb, v.String, v.GoString) }

// LogValue is the structured form for log/slog, with the number masked.
func (v Verification) LogValue() slog.Value {
	attrs := []slog.Attr{
		slog.String("provider", v.Provider),
		slog.String("id", v.ID),
		slog.String("to", Mask(v.To)),
		slog.String("channel", string(v.Channel)),
	}
	if !v.ExpiresAt.IsZero() {
		attrs = append(attrs, slog.Time("expires_at", v.ExpiresAt))
	}
	if !v.SentAt.IsZero() {
		attrs = append(attrs, slog.Time("sent_at", v.SentAt))
	}
	return slog.GroupValue(attrs...)
}

// hidden stands where a secret was.
const hidden = "[redacted]"

// formatMasked prints a value that holds what must not be shown.
func formatMasked(s fmt.State, verb rune, text, goText func() string) {
	switch {
	case verb == 'v' && s.Flag('#'):
		_, _ = fmt.Fprint(s, goText())
	case verb == 'q':
		_, _ = fmt.Fprintf(s, "%q", text())
	default:
		_, _ = fmt.Fprint(s, text())
	}
}

// oneLine is s, quoted if it could not stand in a log line otherwise.
func oneLine(s string) string {
	if naming.IsPrintable(s) {
		return s
	}
	return strconv.Quote(s)
}

// Mask returns number in the form that logs may show: "+905*****67". It keeps at most the first
// four characters and the last two, hides at least four, and does not tell how long a number of ten
// characters or more is. Text that is too short to hide anything in is masked whole; "" stays "".
func Mask(number string) string {
	const tail, hidden, longestHead = 2, 4, 4 // the head counts the "+"
	if number == "" {
		return ""
	}
	head := min(longestHead, len(number)-tail-hidden)
	if head < 1 || !naming.IsPrintable(number) {
		return "*****"
	}
	return number[:head] + "*****" + number[len(number)-tail:]
}
