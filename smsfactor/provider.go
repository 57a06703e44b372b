package smsfactor

import (
	"maps"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

var _ otp.Provider = (*Client)(nil)

// capabilities is what an account can do; codes hold letters by [Alphabet] alone.
func capabilities(channel otp.Channel) otp.Capabilities {
	sms := otp.Features{
		CodeLength:   otp.Range[int]{Min: shortestCode, Max: longestCode},
		MaxAttempts:  otp.Range[int]{Min: fewestAttempts, Max: mostAttempts},
		TTL:          otp.Range[time.Duration]{Min: shortestTTL, Max: longestTTL},
		Alphanumeric: true,
	}
	voice := sms
	voice.Locales = voiceLanguages
	return otp.Capabilities{
		Vendor:   vendor,
		Default:  channel,
		Channels: map[otp.Channel]otp.Features{otp.SMS: sms, otp.Voice: voice},
	}
}

func request(req otp.SendRequest) (GenerateRequest, error) {
	native := GenerateRequest{
		To: req.To, Channel: req.Channel, CodeLength: req.CodeLength, TTL: req.TTL, MaxAttempts: req.MaxAttempts,
		VoiceLanguage: req.Locale,
	}
	native.allow(Digits)
	return native, nil
}

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

func (r GenerateRequest) digitsOnly() bool {
	return r.AllowUpperCase == Off && r.AllowLowerCase == Off && r.AllowSpecialChars == Off
}

// Alphabet says what the code is made of, instead of digits alone: the given sets, at least one.
func Alphabet(alphabet ...Characters) otp.SendOption {
	alphabet = slices.Clone(alphabet)
	return vendorkit.Option(vendor, func(r *GenerateRequest) error {
		r.allow(alphabet...)
		err := vendorkit.When(len(alphabet) == 0, "alphabet", "must not be empty")
		for _, characters := range alphabet {
			err = vendorkit.First(err,
				vendorkit.Required("alphabet", string(characters)),
				vendorkit.OneOf("alphabet", characters, Digits, UpperCase, LowerCase, SpecialChars))
		}
		return err
	})
}

// Text is the message of this send, as in [GenerateRequest], instead of the client's.
func Text(text string) otp.SendOption {
	return with("text", text, func(r *GenerateRequest) *string { return &r.Text })
}

// Sender is the sender of this send, 3 to 11 ASCII letters and digits, instead of the client's.
func Sender(sender string) otp.SendOption {
	return with("sender", sender, func(r *GenerateRequest) *string { return &r.Sender })
}

// RecipientIP is the IP address of the person, see [GenerateRequest], the same on Verify.
func RecipientIP(ip string) otp.SendOption {
	return with("recipient_ip", ip, func(r *GenerateRequest) *string { return &r.RecipientIP })
}

// VoiceGender is the gender of the voice of a call. Voice only; on SMS the send is refused.
func VoiceGender(gender Gender) otp.SendOption {
	return with("voice_gender", gender, func(r *GenerateRequest) *Gender { return &r.VoiceGender })
}

func with[T ~string](name string, value T, field func(*GenerateRequest) *T) otp.SendOption {
	return vendorkit.Option(vendor, func(r *GenerateRequest) error {
		*field(r) = value
		return vendorkit.Required(name, string(value))
	})
}

// Ticket puts the vendor's number of the message into a variable of yours, before Send returns; ""
// = not said. Store it beside the verification to match receipts, which have no token. Use one
// variable for each send.
func Ticket(into *string) otp.SendOption {
	return vendorkit.Option(vendor, func(r *GenerateRequest) error {
		if into == nil {
			return vendorkit.Invalid("ticket", "must not be nil")
		}
		*into, r.ticket = "", into
		return nil
	})
}

// Extra adds fields that this package has no name for, as in [GenerateRequest]. Later ones win.
func Extra(fields map[string]any) otp.SendOption {
	fields = maps.Clone(fields)
	return vendorkit.Option(vendor, func(r *GenerateRequest) error {
		if r.Extra == nil {
			r.Extra = make(map[string]any, len(fields))
		}
		maps.Copy(r.Extra, fields)
		return nil
	})
}
