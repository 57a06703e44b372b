package smsfactor

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/internal/portable"
	"github.com/otp-sdk/otp-go/otp"
)

var _ otp.Provider = (*Client)(nil)

// Name is the instance's name: "smsfactor", or what otp.WithName says.
func (c *Client) Name() string { return c.http.Name() }

// Capabilities says what the account can do on SMS and Voice.
//
// Alphanumeric is true because [Alphabet] may ask for letters; without it codes are digits. The languages of Voice are
// the vendor's, and their base languages: "en" is its first English, en-US.
func (c *Client) Capabilities() otp.Capabilities { return portable.Clone(c.caps) }

func capabilities(channel otp.Channel) otp.Capabilities {
	sms := otp.Features{
		CodeLength:   otp.Range[int]{Min: shortestCode, Max: longestCode},
		MaxAttempts:  otp.Range[int]{Min: fewestAttempts, Max: mostAttempts},
		TTL:          otp.Range[time.Duration]{Min: shortestTTL, Max: longestTTL},
		Alphanumeric: true,
	}
	voice := sms
	voice.Locales = locales()
	return otp.Capabilities{
		Vendor:   vendor,
		Default:  channel,
		Channels: map[otp.Channel]otp.Features{otp.SMS: sms, otp.Voice: voice},
	}
}

// channelOf is the vendor's name of one of the two portable channels.
func channelOf(channel otp.Channel) Channel {
	if channel == otp.Voice {
		return VoiceSMS
	}
	return SMS
}

// noToken starts the ID of a verification for which the vendor's answer, and with it the token, never came. The
// vendor's tokens start with "otp_" in its sample; the rest of their form is not documented, so this mark is what is
// looked for.
const noToken = "no-token-"

// Send makes the vendor send a code: six digits, valid for five minutes, unless the request says otherwise.
//
// Verification.ID is the vendor's token; with an unknown outcome, when there is none, it is random and starts with
// "no-token-". The vendor does not tell when a code expires: ExpiresAt is the lifetime that was asked for, counted from
// the moment of asking.
func (c *Client) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	native, err := c.native(req)
	if err != nil {
		return otp.Verification{}, c.http.Refused("send", err)
	}
	v := otp.Verification{
		Provider:  c.Name(),
		To:        req.To,
		Channel:   cmp.Or(req.Channel, c.caps.Default),
		ExpiresAt: time.Now().Add(native.TTL).UTC(),
	}
	resp, err := c.generate(ctx, "send", native, readSent)
	if err == nil {
		v.ID = resp.Token
	}
	return portable.SentMarked(v, noToken, err)
}

// native is the portable request in the vendor's terms.
func (c *Client) native(req otp.SendRequest) (GenerateRequest, error) {
	if err := c.caps.Check(req); err != nil {
		return GenerateRequest{}, err
	}
	channel := cmp.Or(req.Channel, c.caps.Default)
	native := GenerateRequest{
		To:          req.To,
		Channel:     channelOf(channel),
		CodeLength:  cmp.Or(req.CodeLength, otp.DefaultCodeLength),
		TTL:         cmp.Or(req.TTL, otp.DefaultTTL),
		MaxAttempts: req.MaxAttempts,
	}
	native.allow(Digits)
	if req.Locale != "" {
		locale, _ := c.caps.Channels[channel].MatchLocale(req.Locale)
		native.VoiceLanguage = voiceLanguage(locale)
	}
	err := portable.Extend(vendor, &native, req.Options)
	return native, err
}

// Characters are one of the sets of which codes are made.
type Characters string

// The vendor's alphabets. SpecialChars are ! # $ % & ? and @ ("OTP: send a code").
const (
	Digits       Characters = "digits"
	UpperCase    Characters = "upper_case"
	LowerCase    Characters = "lower_case"
	SpecialChars Characters = "special_chars"
)

// allow switches the given alphabets on and all others off, so that no setting of the account has a say.
func (r *GenerateRequest) allow(alphabet ...Characters) {
	given := func(c Characters) Switch {
		if slices.Contains(alphabet, c) {
			return On
		}
		return Off
	}
	r.AllowDigits, r.AllowUpperCase = given(Digits), given(UpperCase)
	r.AllowLowerCase, r.AllowSpecialChars = given(LowerCase), given(SpecialChars)
}

// Alphabet says what the code is made of, instead of digits alone: the given sets, at least one, and no others.
func Alphabet(alphabet ...Characters) otp.SendOption {
	alphabet = slices.Clone(alphabet)
	return portable.Extra(vendor, func(r *GenerateRequest) error {
		const field = "alphabet"
		if len(alphabet) == 0 {
			return check.Invalid(field, "must not be empty")
		}
		for _, characters := range alphabet {
			err := check.First(
				check.Required(field, string(characters)),
				check.OneOf(field, characters, Digits, UpperCase, LowerCase, SpecialChars),
			)
			if err != nil {
				return err
			}
		}
		r.allow(alphabet...)
		return nil
	})
}

// Text is the message of this send, with placeholders as in [GenerateRequest], instead of the client's.
func Text(text string) otp.SendOption {
	return portable.Extra(vendor, func(r *GenerateRequest) error {
		r.Text = text
		return check.Required("text", text)
	})
}

// Sender is the sender of this send, 3 to 11 ASCII letters and digits, instead of the client's.
func Sender(sender string) otp.SendOption {
	return portable.Extra(vendor, func(r *GenerateRequest) error {
		r.Sender = sender
		return check.Required("sender", sender)
	})
}

// RecipientIP is the IP address of the person, which must be the same when the code is verified; read what
// [GenerateRequest] says about it first.
func RecipientIP(ip string) otp.SendOption {
	return portable.Extra(vendor, func(r *GenerateRequest) error {
		r.RecipientIP = ip
		return check.Required("recipient_ip", ip)
	})
}

// VoiceGender is the gender of the voice of a call. Voice only; on SMS the send is refused.
func VoiceGender(gender Gender) otp.SendOption {
	return portable.Extra(vendor, func(r *GenerateRequest) error {
		r.VoiceGender = gender
		return check.Required("voice_gender", string(gender))
	})
}

// Extra adds fields that this package has no name for, as in [GenerateRequest]. Given twice, they add up, and the later
// value wins.
func Extra(fields map[string]any) otp.SendOption {
	fields = maps.Clone(fields)
	return portable.Extra(vendor, func(r *GenerateRequest) error {
		if r.Extra == nil {
			r.Extra = make(map[string]any, len(fields))
		}
		maps.Copy(r.Extra, fields)
		return nil
	})
}

// Verify asks the vendor whether code is the one that was sent for v, by its token and number. Nil means that it is;
// nothing else does.
//
// After a send of unknown outcome there is no token. The vendor then takes the code that it last sent to v.To.
func (c *Client) Verify(ctx context.Context, v otp.Verification, code string) error {
	const op = "verify"
	code, err := portable.Typed(c.Name(), v, code)
	if err == nil && checkCode(code) != nil {
		err = portable.WrongCode()
	}
	if err = check.First(err, otp.CheckRecipient(v.To)); err != nil {
		return c.http.Refused(op, err)
	}
	_, err = c.validate(ctx, op, ValidateRequest{Token: tokenOf(v), To: v.To, Code: code})
	return err
}

// tokenOf is the vendor's token of v; "" = it has none.
func tokenOf(v otp.Verification) string {
	if strings.HasPrefix(v.ID, noToken) {
		return ""
	}
	return v.ID
}
