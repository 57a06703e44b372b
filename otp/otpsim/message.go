package otpsim

import (
	"regexp"
	"time"
)

// Message is one text as it reached a phone.
type Message struct {
	ID        string    // the vendor's reference; several messages with one code share it
	To        string    // the recipient: a phone number with its +, or an e-mail address
	Channel   string    // "sms", "whatsapp", …, in the vendor's words
	Locale    string    // the language asked for; "" = not known to this vendor
	Text      string    // what the person reads
	Code      string    // the code in Text, leading zeros included
	SentAt    time.Time // on the simulator's clock
	ExpiresAt time.Time // when Code stops being good; zero = never

	MaxAttempts int    // how many wrong codes the vendor takes; 0 = any number, or not known
	Attempts    int    // how many wrong codes it was given so far
	State       State  // what became of Code; "" = nothing yet, but see StateAt
	Note        string // the simulator's own: what else it has to know to check the code

	Delivery string // the Status of its last Receipt; "" = none yet
	Callback string // the URL that the vendor reports to; "" = nowhere
}

// State is what became of the code of a message.
type State string

// The states. A message's own State is never Pending or Expired: those two follow from the time.
const (
	Pending  State = "pending"  // can be verified
	Expired  State = "expired"  // nobody verified it in time
	Verified State = "verified" // and cannot be again
	Locked   State = "locked"   // its attempts are used up
	Replaced State = "replaced" // a newer code took its place
)

// StateAt is the state of the code at a time on the simulator's clock; "" = there is no code.
func (m Message) StateAt(now time.Time) State {
	switch {
	case m.Code == "":
		return ""
	case m.State != "":
		return m.State
	case m.Over(now):
		return Expired
	default:
		return Pending
	}
}

// Over says whether the time of the message's code is over, whatever else became of it.
func (m Message) Over(now time.Time) bool { return !m.ExpiresAt.IsZero() && !now.Before(m.ExpiresAt) }

// passcode is what the codes of package owncode look like, and most others.
var passcode = regexp.MustCompile(`\b([0-9]{4,10}|[BCDFGHJKLMNPQRSTVWXZ]{6,12})\b`)

// Passcode returns what looks like a code in a text of the caller's own; "" = nothing does.
func Passcode(text string) string { return passcode.FindString(text) }
