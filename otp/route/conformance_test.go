package route_test

import (
	"testing"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

// Composites of one vendor that bear its name keep every promise that the vendor keeps, all of them
// around each other.
func TestConformance(t *testing.T) {
	const name = "insider"
	otptest.TestProvider(t, otptest.Harness{New: func() (otptest.Account, error) {
		srv := insidertest.NewServer()
		client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
		if err != nil {
			return otptest.Account{}, err
		}
		breaker := must(route.Breaker(client, route.WithFaults(1000)))
		replaceable := must(route.NewSwitch(name, breaker, 0))
		draining := must(route.Draining(name, replaceable))
		routes := must(route.ByPrefix(name, map[string]otp.Provider{"+90": draining, "": draining}))
		weighted := must(route.Weighted(name, route.Share{Provider: routes, Weight: 1}))
		learning := must(route.Learning(name, []otp.Provider{weighted}))
		failover := must(route.Failover(name, learning))
		return simtest.Account(failover, srv.Server), nil
	}})
}
