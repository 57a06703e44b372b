package guard

import (
	"context"
	"errors"

	"github.com/otp-sdk/otp-go/otp"
)

// resender is a provider that can send by another way than before, such as a router.
type resender interface {
	Resend(ctx context.Context, prev otp.Verification, req otp.SendRequest) (otp.Verification, error)
}

// Resend sends to a person who has not received what prev stands for. To the rules it is a [Guard.Send] like any other; what
// passes goes by another way than prev, when the provider behind the guard has a Resend of its own, as routers do, and
// else by its Send. A prev of another number than req.To is [otp.ErrInvalidRequest].
func (g *Guard) Resend(ctx context.Context, prev otp.Verification, req otp.SendRequest) (otp.Verification, error) {
	if err := otp.CheckRecipient(req.To); err != nil {
		return otp.Verification{}, g.named(opSend, err)
	}
	if req.To != prev.To {
		return otp.Verification{}, &otp.Error{
			Provider: g.Name(), Op: opSend, Kind: otp.ErrInvalidRequest, Outcome: otp.OutcomeNotSent, Field: "to",
			Err: errors.New("must be the number of the verification"),
		}
	}
	child, resends := g.child.(resender)
	if !resends {
		return g.Send(ctx, req)
	}
	return g.send(ctx, req, func(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
		return child.Resend(ctx, prev, req)
	})
}
