package main

import (
	"context"
	"errors"
	"fmt"
	"net/url"
	"text/tabwriter"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// finding is one line of what doctor says.
type finding struct {
	about, check, result, advice string
}

// The results of a check. After a colon there may be more.
const (
	good      = "ok"
	bad       = "WRONG"
	unchecked = "not checked"
)

var errWrong = errors.New("something is wrong")

// doctor looks at everything that can be looked at without a text. It asks no vendor for a code, nor about one.
func (c console) doctor(ctx context.Context, config *otpconfig.Config, provider otp.Provider) error {
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROVIDER\tCHECK\tRESULT\tWHAT TO DO")
	wrong := false
	for _, f := range c.examine(ctx, config, provider) {
		wrong = wrong || f.result == bad
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", f.about, f.check, f.result, f.advice)
	}
	if err := table.Flush(); err != nil {
		return err
	}
	if wrong {
		return errWrong
	}
	return nil
}

// examine looks at all providers. That the configuration is good is known already.
func (c console) examine(ctx context.Context, config *otpconfig.Config, provider otp.Provider) []finding {
	addresses := addressesOf(ctx, config)
	all := []finding{{"-", "configuration", good, "names, fields and secrets are there: " + config.String()}}
	for _, leaf := range leaves(provider) {
		all = append(all, c.wayTo(ctx, leaf.Name(), addresses[leaf.Name()])...)
		all = append(all, credentials(ctx, leaf), finding{
			leaf.Name(), "sending", unchecked, "sender, template or flow, balance and permitted countries: send a code to your own phone",
		})
	}
	return all
}

// credentials asks the vendor something harmless, where it has such a call.
func credentials(ctx context.Context, p otp.Provider) finding {
	f := finding{about: p.Name(), check: "credentials"}
	client, ok := p.(*insider.Client)
	if !ok {
		f.result, f.advice = unchecked, p.Capabilities().Vendor+" has no call that could tell without sending a text"
		return f
	}
	_, err := client.ListTemplates(ctx, insider.ListTemplatesRequest{})
	switch {
	case err == nil:
		f.result, f.advice = good, "the templates could be listed"
	case errors.Is(err, otp.ErrUnauthorized):
		f.result, f.advice = bad, "the vendor refuses the key: "+err.Error()
	default:
		f.result, f.advice = unchecked, "the templates could not be listed: "+err.Error()
	}
	return f
}

// wayTo looks at DNS, TLS, the host and its clock.
func (c console) wayTo(ctx context.Context, name string, base *url.URL) []finding {
	if base == nil {
		return []finding{{name, "host", unchecked, "its client does not say where it would go"}}
	}
	answer := c.look(ctx, base)
	return []finding{answer.dns(name), answer.reach(name), answer.tls(name), answer.clock(name)}
}
