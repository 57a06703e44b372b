// Package simtest puts a vendor's client and its simulator together for the conformance suite.
package simtest

import (
	"strconv"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// Account is what the conformance suite sees of provider and the simulator srv behind it.
func Account(provider otp.Provider, srv *otpsim.Server) otptest.Account {
	return otptest.Account{
		Provider: provider,
		Code:     srv.Code,
		Texts:    func() int { return len(srv.Inbox.All()) },
		Requests: func() int { return len(srv.Requests()) },
		Advance:  func(d time.Duration) { srv.Clock.Advance(d) },
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
func fault(f otptest.Fault) otpsim.Fault {
	switch {
	case f.Cut:
		return otpsim.Cut().Accepted()
	case f.Truncated:
		return otpsim.Truncated()
	case f.Empty:
		return otpsim.Empty()
	}
	reply := otpsim.Reply(f.Status, f.Body)
	if f.RetryAfter > 0 {
		reply = reply.WithHeader("Retry-After", strconv.Itoa(int(f.RetryAfter.Seconds())))
	}
	if f.Accepted {
		reply = reply.Accepted()
	}
	return reply
}
