package kaleyratest

import (
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const (
	defaultLifetime    = 5 * time.Minute // the simulators' own; Kaleyra's is not documented
	defaultMaxAttempts = 3               // likewise

	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Flow is a verification configuration, which at Kaleyra is set up in the dashboard
// (configure-verification-flow). The zero Flow is approved, not the default, and sends six digits by SMS.
type Flow struct {
	ID         string // the flow_id; "" = a random UUID
	Unapproved bool   // requests that name the flow, or fall back to it, are refused with E905
	Default    bool   // used by requests without a flow_id (generating-otp)

	Length       int           // of a code; 0 or less = 6, or what WithCodeLength says
	Alphanumeric bool          // codes have capital letters, too; the real alphabet is not documented
	Lifetime     time.Duration // how long a code is good; 0 or less = 5 minutes
	MaxAttempts  int           // how many wrong codes are taken; 0 or less = 3

	// Channels are the steps in their order: "sms", "voice", "email". None = SMS. Every step goes out at once,
	// which the vendor's page calls "send anyway"; its other choice, "send after time interval", is not
	// simulated. An e-mail step needs the request's to.email, and is skipped without it (invented).
	Channels []string
}

// setUpFlows completes the flows and finds FlowID.
func (s *Server) setUpFlows() {
	if len(s.flows) == 0 {
		s.flows = []Flow{{Default: true}}
	}
	for i, f := range s.flows {
		s.flows[i] = f.completed(s.codeLength)
	}
	s.FlowID = s.flows[0].ID
	if i := slices.IndexFunc(s.flows, func(f Flow) bool { return !f.Unapproved }); i >= 0 {
		s.FlowID = s.flows[i].ID
	}
	if f, ok := s.defaultFlow(); ok {
		s.FlowID = f.ID
	}
}

func (f Flow) completed(codeLength int) Flow {
	if f.ID == "" {
		f.ID = otpsim.UUID()
	}
	f.Length = positive(f.Length, codeLength)
	f.Lifetime = positive(f.Lifetime, defaultLifetime)
	f.MaxAttempts = positive(f.MaxAttempts, defaultMaxAttempts)
	f.Channels = slices.Clone(f.Channels) // the caller's slice may change
	if len(f.Channels) == 0 {
		f.Channels = []string{"sms"}
	}
	return f
}

func positive[T int | time.Duration](value, fallback T) T {
	if value <= 0 {
		return fallback
	}
	return value
}

func (s *Server) defaultFlow() (Flow, bool) {
	return s.lastFlow(func(f Flow) bool { return f.Default })
}

func (s *Server) lastFlow(which func(Flow) bool) (Flow, bool) {
	for _, f := range slices.Backward(s.flows) {
		if which(f) {
			return f, true
		}
	}
	return Flow{}, false
}

// readFlow finds the flow of a request: the one it names, else the default. An empty flow_id names none that
// exists. That E905 also stands for "no default" is a guess (invented).
func (s *Server) readFlow(body *otpsim.Object) (Flow, errorCode) {
	flow, ok := s.defaultFlow()
	if body.Has("flow_id") {
		id := text(body, "flow_id")
		flow, ok = s.lastFlow(func(f Flow) bool { return f.ID == id })
	}
	if !ok || flow.Unapproved {
		return Flow{}, errFlow
	}
	return flow, ""
}

// newCode makes a code. Every one is equally likely, those with leading zeros included.
func (f Flow) newCode() string {
	if f.Alphanumeric {
		return otpsim.Random(letters+digits, f.Length)
	}
	return otpsim.Digits(f.Length)
}

// misfit says why a code cannot be one of this flow's; "" = it can. Capital and small letters both pass, but
// are not the same letter when the code is compared (invented).
func (f Flow) misfit(code string) errorCode {
	switch {
	case strings.Trim(code, digits+letters+strings.ToLower(letters)) != "":
		return errNotAlphanumeric
	case !f.Alphanumeric && strings.Trim(code, digits) != "":
		return errNoLetters
	case len(code) != f.Length:
		return errLength
	default:
		return ""
	}
}
