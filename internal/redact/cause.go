package redact

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/textproto"
	"net/url"
	"os"
	"reflect"
	"strings"
	"syscall"

	"github.com/otp-sdk/otp-go/internal/safely"
)

// wellKnownCauses are those that callers look for; they survive when the error that carried them
// does not.
func wellKnownCauses() []error {
	return []error{
		context.Canceled, context.DeadlineExceeded, os.ErrDeadlineExceeded,
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE,
	}
}

// Cause returns err in a form that may leave the library, without URLs. An error is kept only if it
// and all that it wraps are of types that hold no more than they print, and show no secret. Any
// other is replaced by its masked text, in which errors.Is still finds the well-known causes.
func Cause(err error, m Masker) (fit error) {
	if !safely.Do(func() { fit = fitCause(err, m) }) { // in a method of an error from outside
		return &cause{text: "an error that cannot be read"}
	}
	return fit
}

func fitCause(err error, m Masker) error {
	err = withoutURL(err)
	var nested *url.Error
	switch {
	case err == nil:
		return nil
	case errors.As(err, &nested):
		return &cause{text: "the request failed: " + Quote(m.Text(innermost(nested))), marks: marksOf(err)}
	case errors.As(err, new(textproto.ProtocolError)):
		return &cause{text: "the answer is not valid HTTP", marks: marksOf(err)}
	case mayQuoteTheAnswer(err):
		text, _, _ := strings.Cut(err.Error(), `"`)
		return &cause{text: Quote(m.Text(strings.TrimRight(text, ": "))), marks: marksOf(err)}
	case isFit(err, m):
		return err
	default:
		return &cause{text: Quote(m.Text(err.Error())), marks: marksOf(err)}
	}
}

func withoutURL(err error) error {
	for e := err; e != nil; e = errors.Unwrap(e) {
		outer, ok := e.(*url.Error) //nolint:errorlint // this walks the chain itself
		if ok && outer.Err == nil {
			return errors.New("the request failed")
		}
		if ok {
			err = outer.Err
		}
	}
	return err
}

func innermost(e *url.Error) string {
	if e == nil || e.Err == nil {
		return "no cause given"
	}
	return e.Err.Error()
}

// mayQuoteTheAnswer reports whether err may quote what net/http could not read: a vendor's answer.
func mayQuoteTheAnswer(err error) bool {
	for ; err != nil; err = errors.Unwrap(err) {
		typed := strings.TrimLeft(fmt.Sprintf("%T", err), "*")
		if strings.HasPrefix(typed, "http.") || strings.HasPrefix(err.Error(), "net/http: ") {
			return true
		}
	}
	return false
}

// isKnown reports whether an error is of a type of the standard library or of ours that holds no
// more than it prints. One from outside may hold a secret in a form that no search finds: as bytes,
// behind a pointer, or for slog alone.
func isKnown(err any) bool {
	if op, ok := err.(*net.OpError); ok && op != nil && (!isKnown(op.Source) || !isKnown(op.Addr)) {
		return false // a dialer from outside has addresses of its own
	}
	typed := reflect.TypeOf(err)
	if typed == nil {
		return true
	}
	if typed.Kind() == reflect.Pointer {
		typed = typed.Elem()
	}
	switch typed.PkgPath() {
	case "context", "crypto/tls", "crypto/x509", "errors", "fmt", "internal/poll", "io", "io/fs", "net", "os", "syscall",
		"github.com/otp-sdk/otp-go/otp", "github.com/otp-sdk/otp-go/otp/vendorkit":
		return true
	default:
		return false
	}
}

func isFit(err error, m Masker) bool {
	if !isKnown(err) {
		return false
	}
	for _, form := range []string{"%v", "%+v", "%#v"} {
		if m.Finds(fmt.Sprintf(form, err)) {
			return false
		}
	}
	if encoded, failed := json.Marshal(err); failed == nil && m.Finds(string(encoded)) {
		return false
	}
	if !isOneLine(err.Error()) {
		return false
	}
	switch e := err.(type) { //nolint:errorlint // this walks the tree itself
	case interface{ Unwrap() error }:
		inner := e.Unwrap()
		return inner == nil || isFit(inner, m)
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			if inner != nil && !isFit(inner, m) {
				return false
			}
		}
	}
	return true
}

func marksOf(err error) []error {
	var found []error
	for _, mark := range wellKnownCauses() {
		if errors.Is(err, mark) {
			found = append(found, mark)
		}
	}
	return found
}

type cause struct {
	text  string
	marks []error
}

func (c *cause) Error() string   { return c.text }
func (c *cause) Unwrap() []error { return c.marks }
