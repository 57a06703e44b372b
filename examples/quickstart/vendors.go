package main

import (
	"fmt"
	"strings"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// vendor is how to get a provider, for real and simulated. All else in this program is the same for
// all vendors.
type vendor struct {
	name     string
	real     func(env) (otp.Provider, error)
	simulate func() (simulation, error)
}

// simulation is a provider whose vendor is a simulator, and a look at the phones it texts.
type simulation struct {
	provider otp.Provider
	url      string
	inbox    *otpsim.Inbox // the same type in all simulators
	close    func()
}

func vendors() []vendor {
	return []vendor{
		{"insider", func(e env) (otp.Provider, error) {
			return insider.New(insider.Config{APIKey: e.need("INSIDER_API_KEY"), BaseURL: e.get("INSIDER_BASE_URL")})
		}, func() (simulation, error) {
			srv := insidertest.NewServer(insidertest.WithChannel("sms", "Acme"))
			client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
			return simulation{client, srv.URL, srv.Inbox, srv.Close}, err
		}},
		{"kaleyra", func(e env) (otp.Provider, error) {
			return kaleyra.New(kaleyra.Config{
				SID: e.need("KALEYRA_SID"), APIKey: e.need("KALEYRA_API_KEY"), FlowID: e.get("KALEYRA_FLOW_ID"),
				BaseURL: e.get("KALEYRA_BASE_URL"),
			})
		}, func() (simulation, error) {
			srv := kaleyratest.NewServer()
			client, err := kaleyra.New(kaleyra.Config{SID: srv.SID, APIKey: srv.APIKey, FlowID: srv.FlowID, BaseURL: srv.URL})
			return simulation{client, srv.URL, srv.Inbox, srv.Close}, err
		}},
		{"hypersender", func(e env) (otp.Provider, error) {
			return hypersender.New(hypersender.Config{
				Instance: e.need("HYPERSENDER_INSTANCE"), Token: e.need("HYPERSENDER_TOKEN"), AppName: e.need("HYPERSENDER_APP_NAME"),
				BaseURL: e.get("HYPERSENDER_BASE_URL"),
			})
		}, func() (simulation, error) {
			srv := hypersendertest.NewServer()
			client, err := hypersender.New(hypersender.Config{Instance: srv.Instance, Token: srv.Token, AppName: "Acme", BaseURL: srv.URL})
			return simulation{client, srv.URL, srv.Inbox, srv.Close}, err
		}},
		{"smsfactor", func(e env) (otp.Provider, error) {
			return smsfactor.New(smsfactor.Config{
				APILogin: e.need("OCTOPUSH_API_LOGIN"), APIKey: e.need("OCTOPUSH_API_KEY"), BaseURL: e.get("OCTOPUSH_BASE_URL"),
			})
		}, func() (simulation, error) {
			srv := smsfactortest.NewServer()
			client, err := smsfactor.New(smsfactor.Config{
				APILogin: srv.APILogin, APIKey: srv.APIKey, Text: "{code} is your Acme code", BaseURL: srv.URL,
			})
			return simulation{client, srv.URL, srv.Inbox, srv.Close}, err
		}},
	}
}

func vendorNames() string {
	var names []string
	for _, v := range vendors() {
		names = append(names, v.name)
	}
	return strings.Join(names, ", ")
}

func vendorsNamed(name string) ([]vendor, error) {
	if name == "all" {
		return vendors(), nil
	}
	for _, v := range vendors() {
		if v.name == name {
			return []vendor{v}, nil
		}
	}
	return nil, fmt.Errorf("no vendor is called %q; there are: %s, all", name, vendorNames())
}

type env struct {
	lookup  func(string) (string, bool)
	missing *[]string
}

func (e env) get(name string) string {
	value, _ := e.lookup(name)
	return value
}

func (e env) need(name string) string {
	value := e.get(name)
	if value == "" {
		*e.missing = append(*e.missing, name)
	}
	return value
}

func (v vendor) provider(lookup func(string) (string, bool)) (otp.Provider, error) {
	var missing []string
	provider, err := v.real(env{lookup, &missing})
	if len(missing) > 0 {
		return nil, fmt.Errorf("set %s to use %s", listed(missing), v.name)
	}
	return provider, err
}

// listed is "A", "A and B", or "A, B and C".
func listed(names []string) string {
	last := len(names) - 1
	if last == 0 {
		return names[0]
	}
	return strings.Join(names[:last], ", ") + " and " + names[last]
}
