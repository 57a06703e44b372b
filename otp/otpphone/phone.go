// Package otpphone reads phone numbers as people type them, and tells what kind of line a number
// is:
//
//	dutch, err := otpphone.New("NL")
//	number, err := dutch.E164("06 12 34 56 78") // "+31612345678"
//
// E164 is what otphttp.Config.Number takes, [Deny] a hook for guard.BeforeSend. It is a module of
// its own: Google's metadata of all countries, in nyaruka/phonenumbers, makes a program 6 MB
// larger.
package otpphone

import (
	"errors"
	"regexp"
	"strings"

	"github.com/nyaruka/phonenumbers"

	"github.com/otp-sdk/otp-go/otp"
)

// Parser reads numbers of one country in its own way of writing, and of all others with their
// country code. Make one with [New]; the zero value wants the country code of every number. It is
// safe for concurrent use.
type Parser struct{ country string }

// New returns a parser for numbers without a country code that are of this country: its two letters
// of ISO 3166, "NL". "" = every number needs its country code. Error: [otp.ErrMisconfigured].
func New(country string) (*Parser, error) {
	country = strings.ToUpper(country)
	if country != "" && phonenumbers.GetCountryCodeForRegion(country) == 0 {
		return nil, refusal(otp.ErrMisconfigured, "country", "must be two letters of ISO 3166, such as NL")
	}
	return &Parser{country}, nil
}

// E164 returns the number that a person typed, in E.164: with or without a country code, after + or
// 00 or what is dialled in the parser's country, with spaces, dashes, dots, slashes and brackets,
// in digits of any script. Letters and extensions are refused. Error: [otp.ErrInvalidRecipient],
// which says in words what is wrong, and does not hold the number.
func (p *Parser) E164(typed string) (string, error) {
	text, err := plain(typed)
	if err != nil {
		return "", err
	}
	number, err := valid(text, p.country)
	if rest, abroad := strings.CutPrefix(text, "00"); err != nil && abroad {
		return valid("+"+rest, "")
	}
	return number, err
}

var digits = regexp.MustCompile(`^\+?[0-9]{1,20}$`)

// plain is a number in ASCII digits. The parser itself reads letters, extensions and parameters,
// too.
func plain(typed string) (string, error) {
	signs := strings.NewReplacer("＋", "+", "（", "", "）", "", "(", "", ")", "", ".", "", "/", "", "．", "", "／", "")
	text, err := otp.TypedCode(signs.Replace(typed)) // which has digits of all scripts, spaces and dashes
	if err != nil || !digits.MatchString(text) {
		return "", invalid("must hold digits only, after a + or without one")
	}
	return text, nil
}

func valid(text, country string) (string, error) {
	number, err := phonenumbers.Parse(text, country)
	if errors.Is(err, phonenumbers.ErrInvalidCountryCode) {
		return "", invalid("must begin with + and a country code, such as +31")
	}
	if err != nil {
		return "", invalid("is too short or too long")
	}
	e164 := phonenumbers.Format(number, phonenumbers.E164)
	switch possible := phonenumbers.IsPossibleNumberWithReason(number); {
	case possible == phonenumbers.TOO_SHORT || possible == phonenumbers.IS_POSSIBLE_LOCAL_ONLY:
		return "", invalid("is too short")
	case possible == phonenumbers.TOO_LONG:
		return "", invalid("is too long")
	case !phonenumbers.IsValidNumber(number) || otp.CheckRecipient(e164) != nil:
		return "", invalid("is no number of its country")
	}
	return e164, nil
}

func invalid(rule string) error { return refusal(otp.ErrInvalidRecipient, "number", rule) }

func refusal(kind otp.Kind, field, rule string) error {
	return &otp.Error{Op: "otpphone", Kind: kind, Outcome: otp.OutcomeNotSent, Field: field, Err: errors.New(rule)}
}
