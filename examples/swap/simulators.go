package main

import (
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// simulators are all four vendors, on loopback.
type simulators struct {
	inboxes     map[string]*otpsim.Inbox // by provider; the same type in all simulators
	environment map[string]string        // their credentials and URLs
	stop        []func()
}

func startSimulators() *simulators {
	insider := insidertest.NewServer(insidertest.WithChannel("sms", "Acme"))
	kaleyra := kaleyratest.NewServer()
	hypersender := hypersendertest.NewServer()
	smsfactor := smsfactortest.NewServer()
	return &simulators{
		inboxes: map[string]*otpsim.Inbox{
			"insider": insider.Inbox, "kaleyra": kaleyra.Inbox, "hypersender": hypersender.Inbox, "smsfactor": smsfactor.Inbox,
		},
		environment: map[string]string{
			"INSIDER_API_KEY": insider.APIKey, "INSIDER_BASE_URL": insider.URL,
			"KALEYRA_SID": kaleyra.SID, "KALEYRA_API_KEY": kaleyra.APIKey,
			"KALEYRA_FLOW_ID": kaleyra.FlowID, "KALEYRA_BASE_URL": kaleyra.URL,
			"HYPERSENDER_INSTANCE": hypersender.Instance, "HYPERSENDER_TOKEN": hypersender.Token,
			"HYPERSENDER_BASE_URL": hypersender.URL,
			"SMSFACTOR_API_LOGIN":  smsfactor.APILogin, "SMSFACTOR_API_KEY": smsfactor.APIKey,
			"SMSFACTOR_BASE_URL": smsfactor.URL,
		},
		stop: []func(){insider.Close, kaleyra.Close, hypersender.Close, smsfactor.Close},
	}
}

func (s *simulators) lookup(name string) (string, bool) {
	value, set := s.environment[name]
	return value, set
}

// phone is the code that the person received from the sender of v.
func (s *simulators) phone(v otp.Verification) string {
	code, _ := s.inboxes[v.Provider].Code(v.To)
	return code
}

func (s *simulators) close() {
	for _, stop := range s.stop {
		stop()
	}
}
