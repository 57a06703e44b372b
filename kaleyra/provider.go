package kaleyra

import (
	"cmp"
	"context"
	"errors"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/portable"
	"github.com/otp-sdk/otp-go/otp"
)

var _ otp.Provider = (*Client)(nil)

// Name is the instance's name: "kaleyra", or what otp.WithName says.
func (c *Client) Name() string { return c.http.Name() }

// Capabilities says what the flow does, as [Config.Flow] declares it: its length and lifetime are ranges of one value,
// or zero when they are not declared. Without declared channels it is otp.SMS alone.
func (c *Client) Capabilities() otp.Capabilities { return portable.Clone(c.caps) }

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

// noVerifyID starts the ID of a verification for which the vendor's answer, and with it the verify ID, never came. The
// vendor's own are UUIDs.
const noVerifyID = "no-verify-id-"

// Send makes the vendor send a code by the flow. A request may ask for what [Config.Flow] declares; any other length,
// lifetime or channel, a number of attempts, a language, or a code of the caller's own is otp.ErrUnsupported.
//
// Verification.ID is the vendor's verify ID. Channel is the one that was asked for, else the flow's first; the flow goes
// through all of its channels either way. ExpiresAt is the declared lifetime, counted from the moment of asking, and zero
// when none is declared.
//
// With an unknown outcome there is no verify ID, and without one the vendor verifies nothing. The ID is random then and
// starts with "no-verify-id-", and [Client.Verify] answers otp.ErrNotFound to every code: the person may hold one, but
// only a new Send brings one that can be verified.
func (c *Client) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	native, err := c.native(req)
	if err != nil {
		return otp.Verification{}, c.http.Refused("send", err)
	}
	v := otp.Verification{
		Provider:  c.Name(),
		To:        req.To,
		Channel:   cmp.Or(req.Channel, c.caps.Default),
		ExpiresAt: c.expiry(),
	}
	resp, err := c.generate(ctx, "send", native)
	if err == nil {
		v.ID = resp.VerifyID
	}
	return portable.SentMarked(v, noVerifyID, err)
}

// native is the portable request in the vendor's terms.
func (c *Client) native(req otp.SendRequest) (GenerateRequest, error) {
	if err := c.caps.Check(req); err != nil {
		return GenerateRequest{}, err
	}
	native := GenerateRequest{To: req.To}
	err := portable.Extend(vendor, &native, req.Options)
	return native, err
}

// expiry is when a code that is asked for now stops being valid, as far as is declared.
func (c *Client) expiry() time.Time {
	if c.ttl == 0 {
		return time.Time{}
	}
	return time.Now().Add(c.ttl).UTC()
}

// Email adds the recipient's e-mail address to a send, for a flow with an e-mail step: the bare address, "a@b.example".
// The same code goes there, so that whoever reads those mails can verify for the number.
func Email(address string) otp.SendOption {
	return portable.Extra(vendor, func(r *GenerateRequest) error {
		r.Email = address
		return check.Required("email", address)
	})
}

// Verify asks the vendor whether code is the one that was sent for v. Nil means that it is; nothing else does. It needs
// v.Provider and v.ID alone.
//
// For the v of a send whose outcome was unknown it is otp.ErrNotFound, and nobody is asked: the person needs a new code.
func (c *Client) Verify(ctx context.Context, v otp.Verification, code string) error {
	const op = "verify"
	code, err := portable.Typed(c.Name(), v, code)
	switch {
	case err != nil:
	case strings.HasPrefix(v.ID, noVerifyID):
		err = notFound()
	case !validCode.MatchString(code):
		err = portable.WrongCode()
	}
	if err != nil {
		return c.http.Refused(op, err)
	}
	_, err = c.validate(ctx, op, v.To, ValidateRequest{VerifyID: v.ID, Code: code})
	return err
}

// notFound is the error of a verification for which the vendor gave no verify ID.
func notFound() error {
	return &otp.Error{
		Kind: otp.ErrNotFound, Outcome: otp.OutcomeNotSent, Field: "id",
		Err: errors.New("the outcome of its send was unknown: the vendor gave no verify ID"),
	}
}
