package hypersender

import (
	"cmp"
	"context"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/portable"
	"github.com/otp-sdk/otp-go/otp"
)

var _ otp.Provider = (*Client)(nil)

// Name is the instance's name: "hypersender", or what otp.WithName says.
func (c *Client) Name() string { return c.http.Name() }

// Capabilities says what the account can do. It is WhatsApp only: the vendor speaks of SMS ("introduction"), and no page
// shows how to ask for it.
func (c *Client) Capabilities() otp.Capabilities { return portable.Clone(c.caps) }

func capabilities() otp.Capabilities {
	return otp.Capabilities{
		Vendor:  vendor,
		Default: otp.WhatsApp,
		Channels: map[otp.Channel]otp.Features{otp.WhatsApp: {
			CodeLength:   otp.Range[int]{Min: shortestCode, Max: longestCode},
			TTL:          otp.Range[time.Duration]{Min: shortestExpires, Max: longestCodeExpires},
			Alphanumeric: true,
		}},
	}
}

// Send makes the vendor send a code: six digits, valid for five minutes, unless the request says otherwise. Expect
// it to replace the code that was sent to the same number before. Verification.ID is the vendor's UUID.
func (c *Client) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	native, err := c.native(req)
	if err != nil {
		return otp.Verification{}, c.http.Refused("send", err)
	}
	v := otp.Verification{Provider: c.Name(), To: req.To, Channel: otp.WhatsApp}
	resp, err := c.requestCode(ctx, "send", native)
	if err == nil {
		v.ID, v.ExpiresAt = resp.UUID, resp.ExpiresAt
	}
	return portable.Sent(v, err)
}

// native is the portable request in the vendor's terms.
func (c *Client) native(req otp.SendRequest) (RequestCodeRequest, error) {
	if err := c.caps.Check(req); err != nil {
		return RequestCodeRequest{}, err
	}
	native := RequestCodeRequest{
		ChatID:  chatID(req.To),
		Length:  cmp.Or(req.CodeLength, otp.DefaultCodeLength),
		Expires: cmp.Or(req.TTL, otp.DefaultTTL),
	}
	err := portable.Extend(vendor, &native, req.Options)
	return native, err
}

// Alphabet says what the code is made of: letters, digits, or both; capitals makes the letters capitals. Without it, a
// code has digits only.
func Alphabet(letters, digits, capitals bool) otp.SendOption {
	return portable.Extra(vendor, func(r *RequestCodeRequest) error {
		r.UseLetter, r.NoNumber, r.AllCapital = letters, !digits, capitals
		return check.First(
			check.When(!letters && !digits, "alphabet", "must have letters or digits"),
			check.When(capitals && !letters, "alphabet", "has capitals only with letters"),
		)
	})
}

// Verify asks the vendor whether code is the one that was last sent to v.To. Nil means that it is; nothing else does.
//
// The vendor documents no limit on attempts: keep one of your own.
func (c *Client) Verify(ctx context.Context, v otp.Verification, code string) error {
	const op = "verify"
	code, err := portable.Typed(c.Name(), v, code)
	if err == nil {
		err = otp.CheckRecipient(v.To)
	}
	if err == nil && checkCode(code) != nil {
		err = portable.WrongCode()
	}
	if err != nil {
		return c.http.Refused(op, err)
	}
	_, err = c.validateCode(ctx, op, ValidateCodeRequest{ChatID: chatID(v.To), Code: code})
	return err
}
