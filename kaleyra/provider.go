package kaleyra

import (
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

var _ otp.Provider = (*Client)(nil)

// capabilities is what the flow is declared to do: ranges of one value, or zero.
func capabilities(flow Flow) otp.Capabilities {
	features := otp.Features{
		CodeLength:   otp.Range[int]{Min: flow.CodeLength, Max: flow.CodeLength},
		TTL:          otp.Range[time.Duration]{Min: flow.TTL, Max: flow.TTL},
		Alphanumeric: flow.Alphanumeric,
	}
	channels := flow.Channels
	if len(channels) == 0 {
		channels = []otp.Channel{otp.SMS}
	}
	caps := otp.Capabilities{Vendor: vendor, Default: channels[0], Channels: map[otp.Channel]otp.Features{}}
	for _, channel := range channels {
		caps.Channels[channel] = features
	}
	return caps
}

// request is a portable request in the vendor's terms: all but the recipient is the flow's to say.
func request(req otp.SendRequest) (GenerateRequest, error) { return GenerateRequest{To: req.To}, nil }

// Email adds the recipient's bare e-mail address, "a@b.example", for a flow with an e-mail step.
// The same code goes there, so that anyone who reads those mails can verify for the number.
func Email(address string) otp.SendOption {
	return vendorkit.Option(vendor, func(r *GenerateRequest) error {
		r.Email = address
		return vendorkit.Required("email", address)
	})
}
