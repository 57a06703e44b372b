package route

import (
	"context"
	"errors"

	"github.com/otp-sdk/otp-go/internal/portable"
	"github.com/otp-sdk/otp-go/internal/tree"
	"github.com/otp-sdk/otp-go/otp"
)

// send is p.Send, whatever p does. After a panic nobody knows what has been sent.
func send(ctx context.Context, p otp.Provider, req otp.SendRequest) (v otp.Verification, err error) {
	defer func() {
		if recover() != nil {
			v = otp.Verification{To: req.To, Channel: req.Channel}
			if name := p.Name(); tree.Holds(p, name) {
				v.Provider = name
			}
			v, err = portable.Sent(v, panicked(p, "send"))
		}
	}()
	v, err = p.Send(ctx, req)
	return v, typed(p, "send", err)
}

// verify is p.Verify, whatever p does.
func verify(ctx context.Context, p otp.Provider, v otp.Verification, code string) (err error) {
	defer func() {
		if recover() != nil {
			err = panicked(p, "verify")
		}
	}()
	return typed(p, "verify", p.Verify(ctx, v, code))
}

// panicked does not say what the panic said: it may hold anything.
func panicked(p otp.Provider, op string) error {
	return &otp.Error{
		Provider: p.Name(), Op: op, Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown,
		Err: errors.New("the provider panicked"),
	}
}

// typed is err as it is, unless p breaks the rule that every error is or wraps an *otp.Error.
func typed(p otp.Provider, op string, err error) error {
	if err == nil || failureIn(err) != nil {
		return err
	}
	return &otp.Error{Provider: p.Name(), Op: op, Kind: otp.ErrProtocol, Outcome: otp.OutcomeUnknown, Err: err}
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
