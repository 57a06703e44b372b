package redact

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/url"
	"os"
	"syscall"
)

// marks are the causes that callers look for; they survive when the error that carried them does not.
func marks() []error {
	return []error{
		context.Canceled, context.DeadlineExceeded, os.ErrDeadlineExceeded,
		io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE,
	}
}

// Cause returns err in a form that may leave the library. URLs are dropped. An error that shows a secret in any form in
// which it can be printed is replaced by its masked text; errors.Is still finds the well-known causes in it.
func Cause(err error, m Masker) error {
	var withURL *url.Error
	for errors.As(err, &withURL) {
		err = withURL.Err
	}
	if err == nil || isFit(err, m) {
		return err
	}
	return cause{text: Quote(m.Text(err.Error())), marks: marksOf(err)}
}

// isFit reports whether err and everything that it wraps can be printed as they are.
func isFit(err error, m Masker) bool {
	for _, form := range []string{"%v", "%+v", "%#v"} {
		if m.Finds(fmt.Sprintf(form, err)) {
			return false
		}
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
	for _, mark := range marks() {
		if errors.Is(err, mark) {
			found = append(found, mark)
		}
	}
	return found
}

// cause is what is left of an error that showed a secret.
type cause struct {
	text  string
	marks []error
}

func (c cause) Error() string   { return c.text }
func (c cause) Unwrap() []error { return c.marks }
