// Package simtest puts a vendor's client and its simulator together for the conformance suite.
package simtest

import (
	"time"

	"github.com/otp-sdk/otp-go/internal/simkit"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// Server is what all simulators have.
type Server interface {
	Code(to string) (string, bool)
	Requests() []simkit.Request
	Fail(faults ...simkit.Fault)
	Heal()
	Close()
}

// Account is what the conformance suite sees of provider and the simulator srv behind it. Nobody
// may be shown secrets.
func Account(provider otp.Provider, srv Server, inbox *simkit.Inbox, clock *simkit.Clock, secrets ...string) otptest.Account {
	return otptest.Account{
		Provider: provider,
		Code:     srv.Code,
		Texts:    func() int { return len(inbox.All()) },
		Requests: func() int { return len(srv.Requests()) },
		Advance:  func(d time.Duration) { clock.Advance(d) },
		Faults:   faults(srv),
		Secrets:  secrets,
		Close:    srv.Close,
	}
}

func faults(srv Server) []otptest.Fault {
	var all []otptest.Fault
	for _, f := range []struct {
		name  string
		fault simkit.Fault
		acts  bool
	}{
		{"401", simkit.Reply(401, "{}"), false},
		{"429", simkit.TooMany(time.Hour, "{}"), false},
		{"500", simkit.Reply(500, ""), false},
		{"500 after accepting", simkit.Reply(500, "").Accepted(), true},
		{"a web page with 502 after accepting", simkit.HTML(502).Accepted(), true},
		{"a web page with 200 after accepting", simkit.HTML(200).Accepted(), true},
		{"an empty object after accepting", simkit.Reply(200, "{}").Accepted(), true},
		{"the connection is lost", simkit.Cut().Accepted(), true},
		{"half of the answer", simkit.Truncated(), true},
		{"an answer with nothing in it", simkit.Empty(), true},
	} {
		start := func() { srv.Fail(f.fault.Always()) }
		all = append(all, otptest.Fault{Name: f.name, Start: start, Stop: srv.Heal, Acts: f.acts})
	}
	return all
}
