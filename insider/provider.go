package insider

import (
	"cmp"
	"context"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/portable"
	"github.com/otp-sdk/otp-go/otp"
)

var _ otp.Provider = (*Client)(nil)

// Name is the instance's name: "insider", or what otp.WithName says.
func (c *Client) Name() string { return c.http.Name() }

// Capabilities says what the account can do on SMS and WhatsApp.
func (c *Client) Capabilities() otp.Capabilities { return portable.Clone(c.caps) }

func capabilities(channel otp.Channel) otp.Capabilities {
	features := otp.Features{
		CodeLength:  otp.Range[int]{Min: shortestCode, Max: longestCode},
		MaxAttempts: otp.Range[int]{Min: fewestAttempts, Max: mostAttempts},
		TTL:         otp.Range[time.Duration]{Min: shortestTTL, Max: longestTTL},
		OwnCode:     true,
	}
	sms, whatsApp := features, features
	sms.Locales, whatsApp.Locales = localesOf(smsLocales), localesOf(whatsAppLocales)
	return otp.Capabilities{
		Vendor:   vendor,
		Default:  channel,
		Channels: map[otp.Channel]otp.Features{otp.SMS: sms, otp.WhatsApp: whatsApp},
	}
}

// Send makes the vendor send a code: six digits, valid for five minutes, unless the request says otherwise.
// Verification.ID is the vendor's key on WhatsApp, and random on SMS, where the vendor gives none.
func (c *Client) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	native, err := c.native(req)
	if err != nil {
		return otp.Verification{}, c.http.Refused("send", err)
	}
	v := otp.Verification{Provider: c.Name(), To: req.To, Channel: native.Channel}
	resp, err := c.generate(ctx, "send", native)
	if err == nil {
		v.ID, v.ExpiresAt = resp.Key, resp.ExpiresAt()
	}
	return portable.Sent(v, err)
}

// native is the portable request in the vendor's terms.
func (c *Client) native(req otp.SendRequest) (GenerateRequest, error) {
	if err := c.caps.Check(req); err != nil {
		return GenerateRequest{}, err
	}
	native := GenerateRequest{
		Channel:     cmp.Or(req.Channel, c.channel),
		To:          req.To,
		TTL:         cmp.Or(req.TTL, otp.DefaultTTL),
		CodeLength:  cmp.Or(req.CodeLength, otp.DefaultCodeLength),
		MaxAttempts: req.MaxAttempts,
	}
	if req.Locale != "" {
		native.Locale, _ = c.caps.Channels[native.Channel].MatchLocale(req.Locale)
	}
	if req.Code != "" { // how the vendor combines the two is not documented
		native.CustomCode, native.CodeLength = req.Code, 0
		if native.Channel == otp.SMS && isBelow1000(req.Code) {
			return GenerateRequest{}, check.Invalid("code", ownCodeOnSMS)
		}
	}
	err := portable.Extend(vendor, &native, req.Options)
	return native, err
}

// Unique asks for a code that no other request has. WhatsApp only; on SMS the send is refused.
func Unique() otp.SendOption {
	return portable.Extra(vendor, func(r *GenerateRequest) error {
		r.IsUnique = true
		return nil
	})
}

// Callback names the URL that receives the events of this message. SMS only; on WhatsApp the send is refused.
func Callback(url string) otp.SendOption {
	return portable.Extra(vendor, func(r *GenerateRequest) error {
		r.Callback = url
		return check.Required("callback", url)
	})
}

// Verify asks the vendor whether code is the one that was last sent to v.To. Nil means that it is; nothing else does.
func (c *Client) Verify(ctx context.Context, v otp.Verification, code string) error {
	const op = "verify"
	code, err := portable.Typed(c.Name(), v, code)
	if err == nil && check.Digits("code", code, shortestCode, longestCode) != nil {
		err = portable.WrongCode()
	}
	if err != nil {
		return c.http.Refused(op, err)
	}
	_, err = c.check(ctx, op, CheckRequest{To: v.To, Code: code})
	return err
}
