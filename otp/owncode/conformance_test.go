package owncode_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

// account is a provider around an inbox.
func account(cfg owncode.Config, opts ...otp.Option) func() (otptest.Account, error) {
	return func() (otptest.Account, error) {
		in := &inbox{}
		cfg.Keys = [][]byte{keyA}
		p, err := owncode.New(cfg, in, opts...)
		return otptest.Account{
			Provider: p,
			Code: func(to string) (string, bool) {
				in.mu.Lock()
				defer in.mu.Unlock()
				for i := len(in.texts) - 1; i >= 0; i-- {
					if in.texts[i].To == to {
						return in.texts[i].Code, true
					}
				}
				return "", false
			},
			Texts:   in.count,
			Secrets: []string{string(keyA)},
		}, err
	}
}

func TestConformance(t *testing.T) {
	for name, h := range map[string]otptest.Harness{
		"digits": {New: account(owncode.Config{}, otp.WithName("main"))},
		"three channels": {New: account(owncode.Config{
			Channels: []otp.Channel{otp.WhatsApp, otp.SMS, otp.Voice},
			Message:  owncode.Message{Templates: map[string]string{"en": "{code}", "de": "{code}", "pt_BR": "{code}"}},
		})},
	} {
		t.Run(name, func(t *testing.T) { otptest.TestProvider(t, h) })
	}
}

func TestConformanceOverEverySender(t *testing.T) {
	for name := range gateways(t) {
		open := func() (otptest.Account, error) {
			g := gateways(t)[name]
			cfg := owncode.Config{Keys: [][]byte{keyA}}
			if name == "hypersender" {
				cfg.Channels = []otp.Channel{otp.WhatsApp}
			}
			p, err := owncode.New(cfg, g.send)
			fault := func(f otpsim.Fault, name string, acts bool) otptest.Fault {
				return otptest.Fault{
					Name: name, Op: "send", Acts: acts,
					Start: func() { g.sim.Fail(f.On(g.op).Always()) }, Stop: g.sim.Heal,
				}
			}
			return otptest.Account{
				Provider: p, Code: g.sim.Code, Secrets: []string{string(keyA)},
				Texts:    func() int { return len(g.sim.Inbox.All()) },
				Requests: func() int { return len(g.sim.Requests()) },
				Faults: []otptest.Fault{
					fault(otpsim.AfterAccepting(500), "500 after accepting", true),
					fault(otpsim.Cut().Accepted(), "cut after accepting", true),
					fault(otpsim.Status(503), "503", false),
					fault(otpsim.Status(401), "401", false),
				},
			}, err
		}
		t.Run(name, func(t *testing.T) { otptest.TestProvider(t, otptest.Harness{New: open}) })
	}
}
