package smsfactortest

import (
	"cmp"
	"time"
)

// The ranges of the reference; only that of the developer site starts at 3 characters.
const (
	minCodeLength, maxCodeLength = 4, 32
	shortestCode                 = 3
	minValidity, maxValidity     = 3, 10_000_000 // seconds
	maxText                      = 1224          // characters
	minSender, maxSender         = 3, 11
)

// Settings are the OTP settings of the account. Each stands in for the optional field of generate that has
// its name (page otp-mfa-send-a-code: the default is the one you have defined). The vendor's figures are not
// documented; the defaults here are the simulator's own (invented).
type Settings struct {
	CodeLength int // 0 = 6; from 3 to 32, else the nearest of the two

	// The alphabets that codes are made of. None of them = digits only.
	AllowDigits       bool
	AllowUpperCase    bool
	AllowLowerCase    bool
	AllowSpecialChars bool // ! # $ % & ? @

	RemoveConfusingCharacters bool // leaves out 0 O o 1 I l

	ValidityPeriod   time.Duration // whole seconds; 0 = 10 minutes; from 3 s to 10,000,000 s, else the nearest
	MaxWrongAttempts int           // 0 = 3; at least 1

	Channel       string // "" = "sms"
	Sender        string // who the text is from; "" = not set
	FixedSender   bool   // requests cannot choose the sender; the reference says "if the user allows it"
	Text          string // with {code} and {hh:mm:ss}; "" = the code alone
	VoiceLanguage string // "fr-FR"; "" = not set
	VoiceGender   string // "male", "female"; "" = not set
}

// completed puts the defaults in place of zero fields.
func (st Settings) completed() Settings {
	st.CodeLength = min(max(cmp.Or(st.CodeLength, 6), shortestCode), maxCodeLength)
	st.AllowDigits = st.AllowDigits || st.alphabet() == ""
	period := cmp.Or(st.ValidityPeriod, 10*time.Minute).Truncate(time.Second)
	st.ValidityPeriod = min(max(period, minValidity*time.Second), maxValidity*time.Second)
	st.MaxWrongAttempts = max(cmp.Or(st.MaxWrongAttempts, 3), 1)
	st.Channel = cmp.Or(st.Channel, sms)
	return st
}
