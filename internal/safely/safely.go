// Package safely calls what others have brought, such as a hook, a logger or a transport, which may
// panic. It is the one place where a panic becomes an error. What a panic holds may be secret, so
// it is dropped.
package safely

import "errors"

// ErrPanicked is the error of a call that panicked.
var ErrPanicked = errors.New("what the program was given panicked")

// Do calls f and reports whether it returned.
func Do(f func()) (returned bool) {
	defer func() {
		if !returned { // recover alone cannot tell a panic of nil
			_ = recover()
		}
	}()
	f()
	return true
}

// Err calls f. The error is f's, or ErrPanicked.
func Err(f func() error) (err error) {
	if !Do(func() { err = f() }) {
		return ErrPanicked
	}
	return err
}

// Value calls f. The error is f's, or ErrPanicked with the zero value.
func Value[T any](f func() (T, error)) (value T, err error) {
	if !Do(func() { value, err = f() }) {
		var none T
		return none, ErrPanicked
	}
	return value, err
}
