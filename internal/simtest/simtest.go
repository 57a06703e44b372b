// Package simtest puts a vendor's client and its simulator together for the conformance suite.
package simtest

import (
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// Account is what the conformance suite sees of provider and the simulator srv behind it. Nobody
// may be shown secrets.
func Account(provider otp.Provider, srv *otpsim.Server, secrets ...string) otptest.Account {
	return otptest.Account{
		Provider: provider,
		Code:     srv.Code,
		Texts:    func() int { return len(srv.Inbox.All()) },
		Requests: func() int { return len(srv.Requests()) },
		Advance:  func(d time.Duration) { srv.Clock.Advance(d) },
		Faults:   faults(srv),
		Secrets:  secrets,
		Close:    srv.Close,
	}
}

func faults(srv *otpsim.Server) []otptest.Fault {
	var all []otptest.Fault
	for name, f := range map[string]otpsim.Fault{
		"401":                            otpsim.Reply(401, "{}"),
		"429":                            otpsim.Reply(429, "{}").WithHeader("Retry-After", "3600"),
		"500":                            otpsim.Reply(500, ""),
		"500 after accepting":            otpsim.Reply(500, "").Accepted(),
		"502, a web page, accepted":      otpsim.HTML(502).Accepted(),
		"200, a web page, accepted":      otpsim.HTML(200).Accepted(),
		"200, an empty object, accepted": otpsim.Reply(200, "{}").Accepted(),
		"the connection lost":            otpsim.Cut().Accepted(),
		"half of the answer":             otpsim.Truncated(),
		"nothing as an answer":           otpsim.Empty(),
	} {
		all = append(all, otptest.Fault{
			Name: name, Start: func() { srv.Fail(f.Always()) }, Stop: srv.Heal,
			Acts: name != "401" && name != "429" && name != "500",
		})
	}
	return all
}
