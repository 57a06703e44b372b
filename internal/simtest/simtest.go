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
	for name, f := range map[string]simkit.Fault{
		"401":                            simkit.Reply(401, "{}"),
		"429":                            simkit.TooMany(time.Hour, "{}"),
		"500":                            simkit.Reply(500, ""),
		"500 after accepting":            simkit.Reply(500, "").Accepted(),
		"502, a web page, accepted":      simkit.HTML(502).Accepted(),
		"200, a web page, accepted":      simkit.HTML(200).Accepted(),
		"200, an empty object, accepted": simkit.Reply(200, "{}").Accepted(),
		"the connection lost":            simkit.Cut().Accepted(),
		"half of the answer":             simkit.Truncated(),
		"nothing as an answer":           simkit.Empty(),
	} {
		all = append(all, otptest.Fault{
			Name: name, Start: func() { srv.Fail(f.Always()) }, Stop: srv.Heal,
			Acts: name != "401" && name != "429" && name != "500",
		})
	}
	return all
}
