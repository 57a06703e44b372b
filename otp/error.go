package otp

import (
	"fmt"
	"log/slog"
	"strconv"
	"strings"
	"time"
)

// Error is what went wrong and what the caller may do next. Every error that leaves a provider is
// or wraps one.
//
// Nothing in it is secret: keys, codes and recipients are masked in all of its fields before it is
// returned.
//
//	var failure *otp.Error
//	if errors.As(err, &failure) && failure.Kind == otp.ErrRateLimited {
//		time.Sleep(failure.RetryAfter)
//	}
type Error struct {
	// Provider is the name of the provider that failed.
	Provider string

	// Op is "send", "verify", or the name of a vendor's own operation ("create_template").
	Op string

	// Kind is the category. errors.Is(err, kind) finds it.
	Kind Kind

	// Outcome says whether the call took effect at the vendor. The zero value is OutcomeUnknown.
	Outcome Outcome

	// Field is the field at fault in snake_case ("code_length"), or the vendor's name for it. "" =
	// none.
	Field string

	// HTTPStatus is the status of the vendor's last answer. 0 = there was none.
	HTTPStatus int

	// Code is the vendor's own code for the failure, "E912". "" where it has none.
	Code string

	// Message is the vendor's text: at most 200 bytes, control characters escaped, secrets masked.
	Message string

	// RetryAfter is how long the vendor, or the client's own limiter, says to wait. It is reported
	// as given, however long. 0 = not said.
	RetryAfter time.Duration

	// AttemptsLeft is how many more codes may be tried, as the vendor says, or a guard that counts:
	// the smaller of both. Nil = not known.
	AttemptsLeft *int

	// Err is the vendor's typed error (*insider.APIError), the transport's cause, or the rule that
	// was broken.
	Err error
}

// Error reads like a sentence: "insider: verify: wrong code (401)".
func (e *Error) Error() string {
	if e == nil {
		return "<nil>"
	}
	var b strings.Builder
	for _, who := range []string{e.Provider, e.Op} {
		if who != "" {
			b.WriteString(who + ": ")
		}
	}
	b.WriteString(e.Kind.Error())
	if codes := e.codes(); codes != "" {
		b.WriteString(" (" + codes + ")")
	}
	field, message, cause := e.detail()
	if field != "" {
		b.WriteString(": " + field)
	}
	if message != "" {
		b.WriteString(`: "` + message + `"`)
	}
	if cause != "" {
		b.WriteString(": " + cause)
	}
	b.WriteString(e.advice())
	return b.String()
}

// Unwrap gives errors.Is the kind and errors.As the vendor's error.
func (e *Error) Unwrap() []error {
	switch {
	case e == nil:
		return nil
	case e.Err == nil:
		return []error{e.Kind}
	default:
		return []error{e.Kind, e.Err}
	}
}

// LogValue has the fields of e that are set. It shows no more than Error does.
func (e *Error) LogValue() slog.Value {
	if e == nil {
		return slog.StringValue("<nil>")
	}
	attrs := []slog.Attr{slog.String("kind", string(e.Kind)), slog.String("outcome", e.Outcome.String())}
	field, message, cause := e.detail()
	for _, text := range []struct{ key, value string }{
		{"provider", e.Provider},
		{"op", e.Op},
		{"code", e.Code},
		{"field", field},
		{"message", message},
		{"cause", cause},
	} {
		if text.value != "" {
			attrs = append(attrs, slog.String(text.key, text.value))
		}
	}
	if e.HTTPStatus != 0 {
		attrs = append(attrs, slog.Int("http_status", e.HTTPStatus))
	}
	if e.RetryAfter > 0 {
		attrs = append(attrs, slog.Duration("retry_after", e.RetryAfter))
	}
	if e.AttemptsLeft != nil {
		attrs = append(attrs, slog.Int("attempts_left", *e.AttemptsLeft))
	}
	return slog.GroupValue(attrs...)
}

func (e *Error) codes() string {
	var codes []string
	if e.Code != "" {
		codes = append(codes, e.Code)
	}
	if e.HTTPStatus != 0 {
		codes = append(codes, strconv.Itoa(e.HTTPStatus))
	}
	return strings.Join(codes, ", ")
}

// detail is what may be shown beside the kind: the field, and the vendor's text or else the cause.
// A rejected code needs no more words.
func (e *Error) detail() (field, message, cause string) {
	if e.Kind.Is(ErrCodeRejected) {
		return "", "", ""
	}
	if e.Message == "" && e.Err != nil {
		cause = e.Err.Error()
	}
	return e.Field, e.Message, cause
}

func (e *Error) advice() string {
	var b strings.Builder
	if e.AttemptsLeft != nil {
		noun := "attempts"
		if *e.AttemptsLeft == 1 {
			noun = "attempt"
		}
		fmt.Fprintf(&b, ", %d %s left", *e.AttemptsLeft, noun)
	}
	if wait := e.RetryAfter.Round(time.Millisecond); wait > 0 {
		fmt.Fprintf(&b, ", retry after %s", wait)
	}
	if e.Outcome == OutcomeUnknown && !e.Kind.Is(ErrCodeRejected) {
		b.WriteString(", outcome unknown")
	}
	return b.String()
}
