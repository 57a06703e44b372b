// Package check holds two checks that composites, guards and configurations share.
package check

import (
	"errors"
	"reflect"

	"github.com/otp-sdk/otp-go/otp"
)

// Misconfigured is the error of an option or a field that breaks a rule.
func Misconfigured(field, rule string) error {
	return &otp.Error{Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: field, Err: errors.New(rule)}
}

// IsNil reports whether v is nil, or a nil pointer or the like in an interface.
func IsNil[T any](v T) bool {
	switch v := reflect.ValueOf(v); v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		return v.IsNil()
	default:
		return false
	}
}
