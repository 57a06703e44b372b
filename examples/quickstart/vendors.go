package main

import (
	"fmt"
	"strings"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
)

// vendor is how to get a provider, for real and simulated. All else in this program is the same for all vendors.
type vendor struct {
	name     string
	real     func(env) (otp.Provider, error)
	simulate func() (simulation, error)
}

// simulation is a provider whose vendor is a simulator, and a look at the phones it texts.
type simulation struct {
	provider otp.Provider
	url      string
	phone    func(to string) (text, code string)
	close    func()
}

func vendors() []vendor {
	return []vendor{
		{"insider", realInsider, simulatedInsider},
	}
}

func realInsider(e env) (otp.Provider, error) {
	return insider.New(insider.Config{APIKey: e.need("INSIDER_API_KEY"), BaseURL: e.get("INSIDER_BASE_URL")})
}

func simulatedInsider() (simulation, error) {
	srv := insidertest.NewServer(insidertest.WithChannel("sms", "Acme"))
	client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
	return simulation{
		provider: client, url: srv.URL, close: srv.Close,
		phone: func(to string) (string, string) {
			message, _ := srv.Inbox.Last(to)
			return message.Text, message.Code
		},
	}, err
}

func vendorNames() string {
	var names []string
	for _, v := range vendors() {
		names = append(names, v.name)
	}
	return strings.Join(names, ", ")
}

func vendorNamed(name string) (vendor, error) {
	for _, v := range vendors() {
		if v.name == name {
			return v, nil
		}
	}
	return vendor{}, fmt.Errorf("no vendor is called %q; there are: %s", name, vendorNames())
}

// env reads the environment and remembers what was missing.
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

// provider is the real one, or an error that lists the variables to set.
func (v vendor) provider(lookup func(string) (string, bool)) (otp.Provider, error) {
	var missing []string
	provider, err := v.real(env{lookup, &missing})
	if len(missing) > 0 {
		return nil, fmt.Errorf("set %s to use %s", strings.Join(missing, " and "), v.name)
	}
	return provider, err
}
