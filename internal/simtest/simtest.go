// Package simtest puts a vendor's client and its simulator together for the conformance suite.
package simtest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"go.uber.org/goleak"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// Account is what the conformance suite sees of provider and the simulator srv behind it.
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
	for _, f := range []struct {
		name  string
		fault otpsim.Fault
		acts  bool
	}{
		{"401", otpsim.Reply(401, "{}"), false},
		{"429", otpsim.Reply(429, "{}").WithHeader("Retry-After", "3600"), false},
		{"500", otpsim.Reply(500, ""), false},
		{"500 after accepting", otpsim.Reply(500, "").Accepted(), true},
		{"a web page with 502 after accepting", otpsim.HTML(502).Accepted(), true},
		{"a web page with 200 after accepting", otpsim.HTML(200).Accepted(), true},
		{"an empty object after accepting", otpsim.Reply(200, "{}").Accepted(), true},
		{"the connection is lost", otpsim.Cut().Accepted(), true},
		{"half of the answer", otpsim.Truncated(), true},
		{"an answer with nothing in it", otpsim.Empty(), true},
	} {
		start := func() { srv.Fail(f.fault.Always()) }
		all = append(all, otptest.Fault{Name: f.name, Start: start, Stop: srv.Heal, Acts: f.acts})
	}
	return all
}

// SendAndVerify sends a code on every channel, types a wrong one and then the right one.
func SendAndVerify(ctx context.Context, h otptest.Harness) error {
	account, err := h.New()
	if err != nil {
		return err
	}
	defer account.Close()
	for channel := range account.Provider.Capabilities().Channels {
		if err := sendAndVerify(ctx, account, channel); err != nil {
			return fmt.Errorf("%s: %w", channel, err)
		}
	}
	return nil
}

func sendAndVerify(ctx context.Context, account otptest.Account, channel otp.Channel) error {
	const to = "+905321234567"
	v, err := account.Provider.Send(ctx, otp.SendRequest{To: to, Channel: channel})
	if err != nil {
		return err
	}
	code, received := account.Code(to)
	if !received {
		return errors.New("the phone has received nothing")
	}
	other := "7" + code[1:]
	if other == code {
		other = "3" + code[1:]
	}
	if err := account.Provider.Verify(ctx, v, other); !errors.Is(err, otp.ErrCodeRejected) {
		return fmt.Errorf("a wrong code: %w", err)
	}
	return account.Provider.Verify(ctx, v, code)
}

// Main runs a package's tests and fails when they leave a goroutine, but net/http's of a refusal.
func Main(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}
