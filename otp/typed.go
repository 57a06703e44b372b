package otp

import (
	"errors"
	"strings"
	"unicode"

	"github.com/otp-sdk/otp-go/internal/naming"
)

// longestCode is the length of the longest code of any vendor, in characters.
const longestCode = 32

// mostTyped bounds what is read of a typed code, in bytes: its separators and marks included.
const mostTyped = 512

// TypedCode returns the code that a person meant to type, as every Verify reads it: spaces, dashes,
// invisible characters and direction marks are dropped, also inside of it, and the digits of any
// script become ASCII digits. Case is kept.
//
// What then can be no vendor's code, because it is empty, longer than 32 characters, or not
// printable ASCII, is an [*Error] of kind [ErrWrongCode] with [OutcomeNotSent]: nobody has to be
// asked.
func TypedCode(typed string) (string, error) {
	if len(typed) <= mostTyped {
		if code := strings.Map(meant, typed); isCode(code) {
			return code, nil
		}
	}
	return "", &Error{
		Op: "verify", Kind: ErrWrongCode, Outcome: OutcomeNotSent, Field: "code",
		Err: errors.New("no vendor sends such a code"),
	}
}

// meant is the character that a person meant by r; -1 = none.
func meant(r rune) rune {
	if '0' <= r && r <= '9' { // nearly always
		return r
	}
	if '！' <= r && r <= '～' { // full-width forms of ASCII, from an input method
		r -= '！' - '!'
	}
	switch {
	case unicode.In(r, unicode.White_Space, unicode.Dash, unicode.Cf, unicode.Variation_Selector,
		unicode.Other_Default_Ignorable_Code_Point):
		return -1
	case r > unicode.MaxASCII && unicode.IsDigit(r):
		return '0' + digitValue(r)
	default:
		return r
	}
}

// digitValue relies on Unicode having the digits of a script ten in a row, from 0.
func digitValue(r rune) rune {
	zero := r
	for unicode.IsDigit(zero - 1) {
		zero--
	}
	return (r - zero) % 10
}

func isCode(s string) bool { return s != "" && len(s) <= longestCode && naming.IsPrintable(s) }
