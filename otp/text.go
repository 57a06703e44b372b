package otp

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"time"
)

// TextSender sends texts that this program has written. The clients of vendors that can send texts
// are one, and so is owncode.SenderFunc around a function of your own. Package owncode makes a
// [Provider] of it.
type TextSender interface {
	// SendText sends t once, and returns when ctx ends. Nil means that the text was accepted.
	// [OutcomeOf] the error says what is known otherwise: with [OutcomeNotSent], which needs proof,
	// somebody else may be asked to send the text; an error that says nothing is
	// [OutcomeUnknown].
	SendText(ctx context.Context, t Text) error
}

// Text is one text with a code in it.
//
// Printing, logging or encoding it, in whatever form, masks the number, the code and the body, as
// with [SendRequest].
type Text struct {
	// To is the recipient, E.164.
	To string

	// Channel is how the text has to travel. "" = as the sender likes.
	Channel Channel

	// Locale is the language of Body, as the template's author spells it: "pt-BR".
	Locale string

	// Code is the code. It stands in Body already, and is here to be masked, or for a vendor that
	// takes it by itself.
	Code string

	// Body is the whole text, as the person is to read it.
	Body string

	// ExpiresAt is when the code stops being valid, in UTC: a text that arrives later is useless.
	ExpiresAt time.Time
}

// String describes t on one line, with its number masked and without code and body.
func (t Text) String() string {
	return fmt.Sprintf("text to %s by %q, locale %q, %d bytes, valid until %s",
		Mask(t.To), string(t.Channel), t.Locale, len(t.Body), timeText(t.ExpiresAt))
}

// GoString is String: the %#v form would show the code.
func (t Text) GoString() string { return t.String() }

// Format serves every verb of package fmt.
func (t Text) Format(s fmt.State, verb rune) { formatMasked(s, verb, t.String, t.GoString) }

// LogValue is String.
func (t Text) LogValue() slog.Value { return slog.StringValue(t.String()) }

// MarshalText is String, for encoders of text such as XML and YAML. A text cannot be read back.
func (t Text) MarshalText() ([]byte, error) { return []byte(t.String()), nil }

// GobEncode is String.
func (t Text) GobEncode() ([]byte, error) { return t.MarshalText() }

// MarshalJSON is String.
func (t Text) MarshalJSON() ([]byte, error) { return json.Marshal(t.String()) }
