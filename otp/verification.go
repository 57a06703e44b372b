package otp

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Verification is what [Provider.Send] returns and [Provider.Verify] needs: which provider sent a code, and to whom.
//
// It is a plain value. Store it beside the person's session, as JSON if you like; it never holds the code. Printing or
// logging it masks the number. Do not hand it to a browser as it is: whoever can change it chooses which number is
// verified.
type Verification struct {
	// Provider is the [Provider.Name] of the sender. Verify goes back there, whatever the configuration says by then.
	Provider string `json:"provider"`

	// ID is the vendor's reference to the send, or a random one where the vendor gives none.
	ID string `json:"id"`

	// To is the recipient, E.164.
	To string `json:"to"`

	// Channel is how the code travelled. "" = not known; Verify does not need it.
	Channel Channel `json:"channel,omitempty"`

	// ExpiresAt is when the code stops being valid. Zero = not known; Verify does not need it.
	ExpiresAt time.Time `json:"expires_at,omitzero"`
}

// String describes v on one line, with its number masked.
func (v Verification) String() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s %s to %s", oneLine(v.Provider), oneLine(v.ID), Mask(v.To))
	if v.Channel != "" {
		fmt.Fprintf(&b, " by %s", oneLine(string(v.Channel)))
	}
	if !v.ExpiresAt.IsZero() {
		fmt.Fprintf(&b, " until %s", v.ExpiresAt.Format(time.RFC3339))
	}
	return b.String()
}

// GoString is the %#v form, with the number masked.
func (v Verification) GoString() string {
	return fmt.Sprintf("otp.Verification{Provider:%q, ID:%q, To:%q, Channel:%q, ExpiresAt:%q}",
		v.Provider, v.ID, Mask(v.To), string(v.Channel), v.ExpiresAt.Format(time.RFC3339))
}

// Format serves every verb of package fmt, because verbs such as %d would otherwise print the fields as they are.
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
	return slog.GroupValue(attrs...)
}

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
	if isPrintableASCII(s) {
		return s
	}
	return strconv.Quote(s)
}
