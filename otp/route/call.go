package route

import (
	"context"
	"errors"

	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// send is p.Send, whatever p does. After a panic nobody knows what has been sent.
func send(ctx context.Context, p otp.Provider, req otp.SendRequest) (v otp.Verification, err error) {
	if ctx == nil {
		return otp.Verification{}, noContext(p, "send")
	}
	returned := safely.Do(func() {
		v, err = p.Send(ctx, req)
		err = withError(p, "send", err)
	})
	if !returned {
		v = otp.Verification{ID: otp.RandomID(true), Provider: senderName(p), To: req.To, Channel: req.Channel}
		err = panicked(p, "send")
	}
	return v, err
}

// verify is p.Verify, whatever p does.
func verify(ctx context.Context, p otp.Provider, v otp.Verification, code string) (err error) {
	if ctx == nil {
		return noContext(p, "verify")
	}
	if !safely.Do(func() { err = withError(p, "verify", p.Verify(ctx, v, code)) }) {
		return panicked(p, "verify")
	}
	return err
}

func noContext(p otp.Provider, op string) error {
	return &otp.Error{
		Provider: nameOf(p), Op: op, Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Field: "ctx",
		Err: errors.New("must not be nil"),
	}
}

var errPanicked = errors.New("the provider panicked")

// panicked does not say what the panic said: it may hold anything.
func panicked(p otp.Provider, op string) error {
	return &otp.Error{
		Provider: nameOf(p), Op: op, Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown, Err: errPanicked,
	}
}

// nameOf is p.Name; "" = it panics.
func nameOf(p otp.Provider) (name string) {
	safely.Do(func() { name = p.Name() })
	return name
}

// senderName is the name of p if p itself sends; "" = something below it does, or nobody knows.
func senderName(p otp.Provider) (name string) {
	safely.Do(func() {
		if own := p.Name(); tree.Holds(p, own) {
			name = own
		}
	})
	return name
}

// withError is err as it is, unless p breaks the rule that every error is or wraps an *otp.Error.
// It looks at all of err, so that an error whose methods panic does so here, as a panic of p, and
// not in the hands of anyone who gets it.
func withError(p otp.Provider, op string, err error) error {
	if err == nil {
		return nil
	}
	failure := failureIn(err)
	if failure == nil {
		return &otp.Error{Provider: nameOf(p), Op: op, Kind: otp.ErrProtocol, Outcome: otp.OutcomeUnknown, Err: err}
	}
	cause := err
	if failure == err { //nolint:errorlint // the common case, without an allocation
		cause = failure.Err
	}
	_ = errors.Is(cause, errPanicked)
	return err
}

// failureIn returns the *otp.Error that err is or wraps; nil = there is none.
func failureIn(err error) *otp.Error {
	if failure, ok := err.(*otp.Error); ok { //nolint:errorlint // the common case, without an allocation
		return failure
	}
	var failure *otp.Error
	errors.As(err, &failure)
	return failure
}

// kindOf returns the kind of the *otp.Error that err is or wraps.
func kindOf(err error) otp.Kind {
	if failure := failureIn(err); failure != nil {
		return failure.Kind
	}
	return ""
}
