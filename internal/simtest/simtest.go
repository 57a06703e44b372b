// Package simtest puts a vendor's client and its simulator together for the conformance suite.
package simtest

import (
	"strconv"
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

// Account is what the conformance suite sees of provider and the simulator srv behind it.
func Account(provider otp.Provider, srv Server, inbox *simkit.Inbox, clock *simkit.Clock) otptest.Account {
	return otptest.Account{
		Provider: provider,
		Code:     srv.Code,
		Texts:    func() int { return len(inbox.All()) },
		Requests: func() int { return len(srv.Requests()) },
		Advance:  func(d time.Duration) { clock.Advance(d) },
		Fail: func(f otptest.Fault) {
			srv.Heal()
			if f != (otptest.Fault{}) {
				srv.Fail(fault(f).Always())
			}
		},
		Close: srv.Close,
	}
}

// fault is the suite's fault in the simulators' words.
func fault(f otptest.Fault) simkit.Fault {
	switch {
	case f.Cut:
		return simkit.Cut().Accepted()
	case f.Truncated:
		return simkit.Truncated()
	case f.Empty:
		return simkit.Empty()
	}
	reply := simkit.Reply(f.Status, f.Body)
	if f.RetryAfter > 0 {
		reply = reply.WithHeader("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	if f.Accepted {
		reply = reply.Accepted()
	}
	return reply
}
