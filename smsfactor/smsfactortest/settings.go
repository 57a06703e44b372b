package smsfactortest

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"
	"unicode/utf8"
)

const (
	digits    = "0123456789"
	upperCase = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
	lowerCase = "abcdefghijklmnopqrstuvwxyz"
	special   = "!#$%&?@" // page otp-mfa-send-a-code

	// confusing is what remove_confusing_characters drops (invented).
	confusing = "0Oo1Il"
)

// The ranges of the reference.
const (
	minCodeLength, maxCodeLength = 4, 32
	minValidity, maxValidity     = 3, 10_000_000 // seconds
	maxText                      = 1224          // characters
	minSender, maxSender         = 3, 11
)

// The channels of the reference and of the page otp-mfa-send-a-code.
const (
	sms          = "sms"
	voice        = "voice_sms"
	siteChannels = "text_sms " + voice + " whatsapp email imessage"
)

// Settings are the account's, for fields that a request leaves out. The defaults are invented.
type Settings struct {
	CodeLength int // 4 to 32; 0 = 6

	// The alphabets that codes are made of. None of them = digits only.
	AllowDigits       bool
	AllowUpperCase    bool
	AllowLowerCase    bool
	AllowSpecialChars bool // ! # $ % & ? @

	ValidityPeriod   time.Duration // whole seconds, 3 to 10,000,000; 0 = 10 minutes
	MaxWrongAttempts int           // at least 1; 0 = 3

	Channel string // one of either page; "" = "sms"
	Text    string // with {code} and {hh:mm:ss}, 1224 characters at most; "" = the code alone

	removeConfusing bool // of a request alone
}

func (st Settings) check() error {
	period := st.ValidityPeriod
	switch st = st.completed(); {
	case st.CodeLength < minCodeLength || st.CodeLength > maxCodeLength:
		return errors.New("WithSettings: CodeLength: must be from 4 to 32")
	case period%time.Second != 0 || st.ValidityPeriod < minValidity*time.Second || st.ValidityPeriod > maxValidity*time.Second:
		return errors.New("WithSettings: ValidityPeriod: must be whole seconds, from 3 to 10,000,000")
	case st.MaxWrongAttempts < 1:
		return errors.New("WithSettings: MaxWrongAttempts: must be at least 1")
	case !slices.Contains(strings.Fields(sms+" "+siteChannels), st.Channel):
		return errors.New("WithSettings: Channel: must be one of " + sms + " " + siteChannels)
	case utf8.RuneCountInString(st.Text) > maxText:
		return errors.New("WithSettings: Text: must have 1224 characters at most")
	}
	return nil
}

func (st Settings) completed() Settings {
	st.CodeLength = cmp.Or(st.CodeLength, 6)
	st.AllowDigits = st.AllowDigits || st.alphabet() == ""
	st.ValidityPeriod = cmp.Or(st.ValidityPeriod, 10*time.Minute)
	st.MaxWrongAttempts = cmp.Or(st.MaxWrongAttempts, 3)
	st.Channel = cmp.Or(st.Channel, sms)
	return st
}

func (st Settings) alphabet() string {
	all := ""
	for _, part := range []struct {
		allowed    bool
		characters string
	}{
		{st.AllowDigits, digits},
		{st.AllowUpperCase, upperCase},
		{st.AllowLowerCase, lowerCase},
		{st.AllowSpecialChars, special},
	} {
		if part.allowed {
			all += part.characters
		}
	}
	if st.removeConfusing {
		all = strings.Map(func(r rune) rune {
			if strings.ContainsRune(confusing, r) {
				return -1
			}
			return r
		}, all)
	}
	return all
}
