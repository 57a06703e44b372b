package route_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const number = "+905321234567"

// leaf is a vendor in memory.
func leaf(name string) *otptest.Provider { return otptest.NewProvider(otptest.WithName(name)) }

// leafWith is a vendor with these channels, the first by default.
func leafWith(name string, features otp.Features, channels ...otp.Channel) *otptest.Provider {
	caps := otp.Capabilities{Vendor: "vendor_" + name, Default: channels[0], Channels: map[otp.Channel]otp.Features{}}
	for _, channel := range channels {
		caps.Channels[channel] = features
	}
	return otptest.NewProvider(otptest.WithName(name), otptest.WithCapabilities(caps))
}

// fault is a failure of a send or a verification.
func fault(kind otp.Kind, outcome otp.Outcome) otp.Error {
	return otp.Error{Kind: kind, Outcome: outcome}
}

// down is a provider that cannot be reached.
func down(name string) *otptest.Provider {
	p := leaf(name)
	for range 100 {
		p.FailSend(fault(otp.ErrUnavailable, otp.OutcomeNotSent))
	}
	return p
}

// double is a provider made of functions. Nil ones do nothing well.
type double struct {
	name   string
	caps   otp.Capabilities
	send   func(ctx context.Context, req otp.SendRequest) (otp.Verification, error)
	verify func(ctx context.Context, v otp.Verification, code string) error
}

func (d *double) Name() string { return d.name }

func (d *double) Capabilities() otp.Capabilities {
	if d.caps.Channels == nil {
		return otp.Capabilities{Vendor: "double", Default: otp.SMS, Channels: anything}
	}
	return d.caps
}

var anything = map[otp.Channel]otp.Features{otp.SMS: {}}

func (d *double) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	if d.send == nil {
		return otp.Verification{Provider: d.name, ID: "1", To: req.To}, nil
	}
	return d.send(ctx, req)
}

func (d *double) Verify(ctx context.Context, v otp.Verification, code string) error {
	if d.verify == nil {
		return nil
	}
	return d.verify(ctx, v, code)
}

// wrapper is a transparent wrapper such as a guard. It counts what passes, and may refuse it.
type wrapper struct {
	otp.Provider
	mu              sync.Mutex
	sends, verifies int
	refuse          error
}

func (w *wrapper) Unwrap() []otp.Provider { return []otp.Provider{w.Provider} }

func (w *wrapper) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.sends++
	if w.refuse != nil {
		return otp.Verification{Provider: "kept", ID: "running", To: req.To}, w.refuse
	}
	return w.Provider.Send(ctx, req)
}

func (w *wrapper) Verify(ctx context.Context, v otp.Verification, code string) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.verifies++
	return w.Provider.Verify(ctx, v, code)
}

// failureOf returns the *otp.Error nearest the root of err.
func failureOf(t *testing.T, err error) *otp.Error {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	return failure
}

func sends(p *otptest.Provider) int {
	n := 0
	for _, call := range p.Calls() {
		if call.Op == "send" {
			n++
		}
	}
	return n
}

// must is for trees that are known to be sound.
func must[T any](made T, err error) T {
	if err != nil {
		panic(err)
	}
	return made
}

// sent sends to the number and returns what was sent, with the code that the phone received from
// one of vendors.
func sent(t *testing.T, p otp.Provider, vendors ...*otptest.Provider) (otp.Verification, string) {
	t.Helper()
	v, err := p.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	for _, vendor := range vendors {
		if vendor.Name() == v.Provider {
			code, _ := vendor.Code(number)
			return v, code
		}
	}
	require.Fail(t, "sent by "+v.Provider)
	return v, ""
}

// events collects what an observer is told.
type events []string

func (e *events) observe(ctx context.Context) context.Context {
	return otp.WithObserver(ctx, func(event otp.Event) { *e = append(*e, fmt.Sprintf("%+v", event)) })
}

func kindOf(err error) otp.Kind {
	var failure *otp.Error
	if errors.As(err, &failure) && failure != nil {
		return failure.Kind
	}
	return ""
}
