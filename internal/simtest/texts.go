package simtest

import (
	"context"
	"maps"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// Texts are texts of the caller's own that a vendor's client sends through its simulator.
type Texts struct {
	New  func(t *testing.T) (*otpsim.Server, otp.TextSender)
	Op   string   // what the simulator calls the operation
	Good otp.Text // what can be sent
}

// TextRefusal is a text that must not reach the vendor, and the error of it.
type TextRefusal struct {
	Text  otp.Text
	Kind  otp.Kind
	Field string
}

// TestRefusals checks what is refused before the network: what no vendor takes, and what this one
// does not.
func (x Texts) TestRefusals(t *testing.T, own map[string]TextRefusal) {
	t.Helper()
	to := x.Good.To
	refusals := map[string]TextRefusal{
		"no number":   {otp.Text{To: "x", Body: "1234"}, otp.ErrInvalidRecipient, "to"},
		"two numbers": {otp.Text{To: to + "," + to, Body: "1234"}, otp.ErrInvalidRecipient, "to"},
		"no text":     {otp.Text{To: to}, otp.ErrInvalidRequest, "text"},
		"a control":   {otp.Text{To: to, Body: "1234\x1b"}, otp.ErrInvalidRequest, "text"},
		"not UTF-8":   {otp.Text{To: to, Body: "1234\xff"}, otp.ErrInvalidRequest, "text"},
	}
	maps.Copy(refusals, own)
	srv, sender := x.New(t)
	calls := make(map[string]otptest.Refusal, len(refusals))
	for name, r := range refusals {
		send := func(ctx context.Context) error { return sender.SendText(ctx, r.Text) }
		calls[name] = otptest.Refusal{Call: send, Kind: r.Kind, Field: r.Field}
	}
	otptest.TestRefusals(t, func() int { return len(srv.Requests()) }, nil, calls)
	assert.Empty(t, srv.Requests())
}

// TextFault is something that goes wrong at the vendor, and the error of it.
type TextFault struct {
	Fault   otpsim.Fault
	Kind    otp.Kind
	Outcome otp.Outcome
}

// TestFaults checks what goes wrong at the vendor: at any, and at this one.
func (x Texts) TestFaults(t *testing.T, own map[string]TextFault) {
	t.Helper()
	faults := map[string]TextFault{
		"key":                {otpsim.Status(401), otp.ErrUnauthorized, otp.OutcomeNotSent},
		"limit":              {otpsim.TooMany(0), otp.ErrRateLimited, otp.OutcomeNotSent},
		"down":               {otpsim.AfterAccepting(503), otp.ErrUnavailable, otp.OutcomeUnknown},
		"cut":                {otpsim.Cut().Accepted(), otp.ErrUnavailable, otp.OutcomeUnknown},
		"empty":              {otpsim.Empty(), otp.ErrProtocol, otp.OutcomeUnknown},
		"half":               {otpsim.Truncated(), otp.ErrProtocol, otp.OutcomeUnknown},
		"a page":             {otpsim.HTML(200), otp.ErrProtocol, otp.OutcomeUnknown},
		"a 400 with success": {otpsim.SuccessAs(400), otp.ErrInvalidRequest, otp.OutcomeUnknown},
	}
	maps.Copy(faults, own)
	for name, f := range faults {
		t.Run(name, func(t *testing.T) { x.testFault(t, f) })
	}
}

func (x Texts) testFault(t *testing.T, f TextFault) {
	t.Helper()
	srv, sender := x.New(t)
	srv.Fail(f.Fault.On(x.Op))
	err := sender.SendText(t.Context(), x.Good)
	failure := new(otp.Error)
	require.ErrorAs(t, err, &failure)
	assert.Equal(t, f.Kind, failure.Kind, err)
	assert.Equal(t, f.Outcome, failure.Outcome, err)
	assert.NotContains(t, err.Error(), x.Good.Code)
	assert.NotContains(t, err.Error(), x.Good.To[3:])
	assert.Empty(t, srv.Faults())
}
