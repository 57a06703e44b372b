package kaleyratest

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const (
	digits  = "0123456789"
	letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
)

// Flow is a verification configuration, as in the vendor's dashboard (configure-verification-flow).
// The zero Flow is approved, not the default, and sends six digits by SMS. The defaults are
// invented.
type Flow struct {
	ID         string // the flow_id; "" = a random UUID
	Unapproved bool   // requests that name the flow, or fall back to it, are refused with E905
	Default    bool   // used by requests without a flow_id (generating-otp)

	Length       int           // of a code; 0 = 6
	Alphanumeric bool          // codes have capital letters, too; the real alphabet is not documented
	Lifetime     time.Duration // how long a code is good; 0 = 5 minutes
	MaxAttempts  int           // how many wrong codes are taken; 0 = 3

	// Channels are the steps in their order: "sms", "voice", "email". None = SMS. Every step goes out
	// at once; "send after time interval" is not simulated. An e-mail step is skipped without to.email
	// (invented).
	Channels []string
}

func (s *Server) addFlow(f Flow) error {
	unknown := func(channel string) bool { return !slices.Contains([]string{"sms", "voice", "email"}, channel) }
	clash := func(other Flow) bool { return other.ID == f.ID && f.ID != "" || other.Default && f.Default }
	switch {
	case f.Length < 0 || f.Lifetime < 0 || f.MaxAttempts < 0:
		return errors.New("WithFlow: Length, Lifetime and MaxAttempts must not be negative")
	case slices.ContainsFunc(f.Channels, unknown):
		return errors.New("WithFlow: Channels: each must be sms, voice or email")
	case slices.ContainsFunc(s.flows, clash):
		return errors.New("WithFlow: another flow has the same ID, or is the default, too")
	}
	s.flows = append(s.flows, f)
	return nil
}

func (s *Server) completeFlows() {
	if len(s.flows) == 0 {
		s.flows = []Flow{{Default: true}}
	}
	for i, f := range s.flows {
		f.ID = cmp.Or(f.ID, otpsim.UUID())
		f.Length, f.Lifetime, f.MaxAttempts = cmp.Or(f.Length, 6), cmp.Or(f.Lifetime, 5*time.Minute), cmp.Or(f.MaxAttempts, 3)
		f.Channels = slices.Clone(f.Channels) // the caller's slice may change
		if len(f.Channels) == 0 {
			f.Channels = []string{"sms"}
		}
		s.flows[i] = f
	}
	approved, _ := s.flow(func(f Flow) bool { return !f.Unapproved })
	preset, _ := s.flow(func(f Flow) bool { return f.Default })
	s.FlowID = cmp.Or(preset.ID, approved.ID, s.flows[0].ID)
}

func (s *Server) flow(wanted func(Flow) bool) (Flow, bool) {
	i := slices.IndexFunc(s.flows, wanted)
	if i < 0 {
		return Flow{}, false
	}
	return s.flows[i], true
}

// readFlow finds the flow that is named, else the default. E905 for "no default" is invented.
func (s *Server) readFlow(body *otpsim.Object) (Flow, errorCode) {
	flow, ok := s.flow(func(f Flow) bool { return f.Default })
	if body.Has("flow_id") {
		id := text(body, "flow_id")
		flow, ok = s.flow(func(f Flow) bool { return f.ID == id })
	}
	if !ok || flow.Unapproved {
		return Flow{}, errFlow
	}
	return flow, ""
}

func (f Flow) newCode() string {
	if f.Alphanumeric {
		return otpsim.Random(letters+digits, f.Length)
	}
	return otpsim.Digits(f.Length)
}

// misfit says why a code cannot be one of this flow's; "" = it can, in either case (invented).
func (f Flow) misfit(code string) errorCode {
	switch {
	case !isAlphanumeric(code):
		return errNotAlphanumeric
	case !f.Alphanumeric && strings.Trim(code, digits) != "":
		return errNoLetters
	case len(code) != f.Length:
		return errLength
	default:
		return ""
	}
}

func isAlphanumeric(text string) bool {
	return strings.Trim(text, digits+letters+strings.ToLower(letters)) == ""
}
