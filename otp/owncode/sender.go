package owncode

import (
	"context"
	"errors"

	"github.com/otp-sdk/otp-go/otp"
)

// Text is one text on its way: see [otp.Text].
type Text = otp.Text

// Sender sends texts: see [otp.TextSender].
type Sender = otp.TextSender

// SenderFunc is a function as a [Sender]. Nil means that the gateway has accepted the text. An error
// made by [NotSent] is proof that nothing was sent. After any other error, and after a panic, nobody
// knows. It has to return when ctx ends.
type SenderFunc func(ctx context.Context, t Text) error

// SendText calls f.
func (f SenderFunc) SendText(ctx context.Context, t Text) error { return f(ctx, t) }

// NotSent marks err as proof that nothing was sent, so that another sender may be asked: the gateway
// has refused the text, or was never reached. Do not use it for a time-out or a 5xx. An *otp.Error in
// err keeps its kind; any other error is of kind otp.ErrUnavailable.
func NotSent(err error) error {
	failure := &otp.Error{Op: opSend, Kind: otp.ErrUnavailable, Err: err}
	var known *otp.Error
	switch {
	case err == nil: // not nil, which would mean that the text was accepted
		failure.Err = errors.New("the text was not sent")
	case errors.As(err, &known) && known != nil:
		own := *known
		failure = &own
	}
	failure.Outcome = otp.OutcomeNotSent
	return failure
}
