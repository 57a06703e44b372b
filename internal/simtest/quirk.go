package simtest

import (
	"context"
	"errors"
	"fmt"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// SendAndVerify sends a code on every channel of the account, types a wrong one and then the right
// one. It is for simulated vendors that the conformance suite does not allow.
func SendAndVerify(ctx context.Context, h otptest.Harness) error {
	account, err := h.New()
	if err != nil {
		return err
	}
	defer account.Close()
	for channel := range account.Provider.Capabilities().Channels {
		if err := sendAndVerify(ctx, account, channel); err != nil {
			return fmt.Errorf("%s: %w", channel, err)
		}
	}
	return nil
}

func sendAndVerify(ctx context.Context, account otptest.Account, channel otp.Channel) error {
	const to = "+905321234567"
	v, err := account.Provider.Send(ctx, otp.SendRequest{To: to, Channel: channel})
	if err != nil {
		return err
	}
	code, received := account.Code(to)
	if !received {
		return errors.New("the phone has received nothing")
	}
	other := "7" + code[1:]
	if other == code {
		other = "3" + code[1:]
	}
	if err := account.Provider.Verify(ctx, v, other); !errors.Is(err, otp.ErrCodeRejected) {
		return fmt.Errorf("a wrong code: %w", err)
	}
	return account.Provider.Verify(ctx, v, code)
}
