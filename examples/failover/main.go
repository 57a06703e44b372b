// Failover lets a vendor die while people sign in. otp.yaml names a second vendor, so each of them still gets a code, and
// nobody gets two. A table at the end shows who sent what.
//
//	go run ./examples/failover
//
// The vendors are simulators that the program starts, so nothing is sent and nothing is needed.
package main

import (
	"context"
	_ "embed"
	"fmt"
	"io"
	"net/http"
	"os"
	"time"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

//go:embed otp.yaml
var file []byte

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "failover:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	insider := insidertest.NewServer(insidertest.WithChannel("sms", "Acme"))
	defer insider.Close()
	kaleyra := kaleyratest.NewServer()
	defer kaleyra.Close()

	provider, err := configured(map[string]string{
		"KALEYRA_SID": kaleyra.SID, "KALEYRA_API_KEY": kaleyra.APIKey,
		"KALEYRA_FLOW_ID": kaleyra.FlowID, "KALEYRA_BASE_URL": kaleyra.URL,
		"INSIDER_API_KEY": insider.APIKey, "INSIDER_BASE_URL": insider.URL,
	})
	if err != nil {
		return err
	}
	s := story{
		provider: provider,
		inboxes:  map[string]*otpsim.Inbox{"main": insider.Inbox, "backup": kaleyra.Inbox}, // one type in all simulators
	}
	for person := 1; person <= 12; person++ {
		switch person {
		case 5: // a first sign: the vendor sends, and says that it has failed
			insider.Fail(otpsim.AfterAccepting(500))
		case 6: // and then it is gone
			insider.Close()
		}
		s.signIn(ctx, fmt.Sprintf("+9053212345%02d", person))
	}
	s.table(out)
	return nil
}

func configured(environment map[string]string) (otp.Provider, error) {
	vendors := otpconfig.Vendors()
	vendors.LookupEnv = func(name string) (string, bool) { // the real program leaves it alone: os.LookupEnv
		value, set := environment[name]
		return value, set
	}
	cfg, err := vendors.Parse(file, "yaml")
	if err != nil {
		return nil, err
	}
	// A connection for each request, so that the table is the same each time: one that is kept open may die with a request
	// in it, which nobody can know to be unsent.
	return cfg.Provider(otp.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}}))
}
