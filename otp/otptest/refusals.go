package otptest

import (
	"context"
	"errors"
	"strings"
	"testing"

	"github.com/otp-sdk/otp-go/otp"
)

// Refusal is a call with a bad value, config or option, which must be refused before any request.
type Refusal struct {
	// Call makes the call, with a client of its own if it likes.
	Call func(ctx context.Context) error

	// Kind and Field are what the error must have: otp.ErrMisconfigured and "api_key", say.
	Kind  otp.Kind
	Field string

	Op string // the Error.Op that the error must have. "" = any
}

// TestRefusals makes every call and checks that its error names field and rule, is not sent, and
// hides the secrets, and that requests, a count of the vendor's (nil = none), stays as it is.
func TestRefusals(t *testing.T, requests func() int, secrets []string, refusals map[string]Refusal) {
	t.Helper()
	if requests == nil {
		requests = func() int { return 0 }
	}
	for name, r := range refusals {
		t.Run(name, func(t *testing.T) { r.check(t, requests, secrets) })
	}
}

func (r Refusal) check(t tester, requests func() int, secrets []string) {
	before := requests()
	err := r.Call(t.Context())
	must(t, err != nil, "a bad value must be refused, and was taken")
	must(t, requests() == before, "a bad value must be refused before any request, and the vendor was asked: %v", err)
	var failure *otp.Error
	must(t, errors.As(err, &failure), "every error must be or wrap an *otp.Error, and this is a %T: %v", err, err)
	must(t, failure.Provider != "", "Error.Provider must say whose error it is: %v", err)
	must(t, r.Op == "" || failure.Op == r.Op, "Error.Op must be %q, and is %q", r.Op, failure.Op)
	must(t, failure.Kind == r.Kind, "the Kind must be %q, and is %q: %v", string(r.Kind), string(failure.Kind), err)
	must(t, failure.Field == r.Field, "Error.Field must be %q, and is %q: %v", r.Field, failure.Field, err)
	must(t, failure.Outcome == otp.OutcomeNotSent, "what is refused before any request must have OutcomeNotSent: %v", err)
	must(t, failure.Err != nil && failure.Err.Error() != "", "the error must say which rule was broken: %v", err)
	must(t, failure.Kind.Is(otp.ErrCodeRejected) || strings.Contains(err.Error(), failure.Err.Error()),
		"the text of the error must say which rule was broken: %v", err)
	mustHide(t, err, secrets)
}
