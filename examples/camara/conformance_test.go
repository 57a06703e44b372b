package camara_test

import (
	"slices"
	"testing"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/camara"
	"github.com/otp-sdk/otp-go/examples/camara/camaratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func newServer(t *testing.T) *camaratest.Server {
	t.Helper()
	srv := camaratest.NewServer(camaratest.Quirks{})
	t.Cleanup(srv.Close)
	return srv
}

// ofServer is the config of a client of a simulator.
func ofServer(srv *camaratest.Server) camara.Config {
	return camara.Config{
		BaseURL: srv.BaseURL, TokenURL: srv.TokenURL, ClientID: srv.ClientID, ClientSecret: srv.ClientSecret,
	}
}

func TestConformance(t *testing.T) {
	t.Run("nothing declared", func(t *testing.T) {
		otptest.TestProvider(t, harness(camaratest.Quirks{}, camara.Service{}))
	})
	t.Run("declared", func(t *testing.T) {
		declared := camara.Service{CodeLength: 6, TTL: 5 * time.Minute, MaxAttempts: 5}
		otptest.TestProvider(t, harness(camaratest.Quirks{}, declared))
	})
	t.Run("letters", func(t *testing.T) {
		otptest.TestProvider(t, harness(camaratest.Quirks{}, camara.Service{Alphanumeric: true}))
	})
	for name, quirks := range otpsim.EachQuirk[camaratest.Quirks]() {
		t.Run(name, func(t *testing.T) { otptest.TestProvider(t, harness(quirks, camara.Service{})) })
	}
}

// harness has an operator of its own for each account.
func harness(quirks camaratest.Quirks, service camara.Service) otptest.Harness {
	return otptest.Harness{New: func() (otptest.Account, error) {
		srv := camaratest.NewServer(quirks)
		if service.Alphanumeric {
			srv.Alphabet = "ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnpqrstuvwxyz0123456789"
		}
		cfg := ofServer(srv)
		cfg.Service = service
		client, err := camara.New(cfg, otp.WithRetry(otp.RetryPolicy{MinWait: time.Millisecond, MaxWait: time.Millisecond}))
		return otptest.Account{
			Provider: client,
			Code:     srv.Code,
			Texts:    func() int { return len(srv.Inbox.All()) },
			Requests: func() int { return len(requestsOf(srv)) },
			Advance:  srv.Clock.Advance,
			Faults:   faults(srv),
			Secrets:  []string{srv.ClientSecret},
			Close:    srv.Close,
		}, err
	}}
}

// requestsOf are the requests that may text somebody or check a code: not those for tokens.
func requestsOf(srv *camaratest.Server) []otpsim.Request {
	return slices.DeleteFunc(srv.Requests(), func(r otpsim.Request) bool { return r.Operation == "token" })
}

// faults are those of the operator on both operations, and those of its token endpoint, which keep
// both from it.
func faults(srv *camaratest.Server) []otptest.Fault {
	var all []otptest.Fault
	add := func(name, op, on string, fault otpsim.Fault, acts bool) {
		start := func() { srv.Fail(fault.On(on).Always()) }
		all = append(all, otptest.Fault{Name: name, Op: op, Start: start, Stop: srv.Heal, Acts: acts})
	}
	for _, op := range []string{"send", "verify"} {
		for name, fault := range map[string]otpsim.Fault{
			"401": otpsim.Status(401), "404 of a gateway": otpsim.HTML(404), "429": otpsim.TooMany(time.Hour), "500": otpsim.Status(500),
		} {
			add(name, op, op, fault, false)
		}
		for name, fault := range map[string]otpsim.Fault{
			"500": otpsim.AfterAccepting(500), "502, a web page": otpsim.HTML(502).Accepted(), "the connection lost": otpsim.Cut().Accepted(),
			"202": otpsim.SuccessAs(202), "a success as 500": otpsim.SuccessAs(500),
		} {
			add(name+", accepted", op, op, fault, true)
		}
	}
	for name, fault := range map[string]otpsim.Fault{
		"half of the answer": otpsim.Truncated(), "nothing as an answer": otpsim.Empty(), "a list": otpsim.Reply(200, "[]").Accepted(),
	} {
		add(name, "send", "send", fault, true)
	}
	add("another correlator", "verify", "verify", otpsim.Fault{}.WithHeader("X-Correlator", "another"), true)
	for name, fault := range map[string]otpsim.Fault{
		"401": otpsim.Reply(401, `{"error":"invalid_client"}`), "500": otpsim.Status(500), "no token": otpsim.Empty(),
	} {
		// Not on a verification: that has a token already.
		add("token endpoint: "+name, "send", "token", fault, false)
	}
	return all
}

// The operator's clock runs ahead of ours, so its token has expired while ours has not.
func TestTokenThatExpiredEarly(t *testing.T) {
	srv := newServer(t)
	srv.TTL = time.Hour
	c, err := camara.New(ofServer(srv))
	require.NoError(t, err)
	v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	srv.Clock.Advance(srv.TokenTTL)
	code, _ := srv.Code(phone)
	require.NoError(t, c.Verify(t.Context(), v, code))
	require.Len(t, srv.Requests(), 5, "a token, a send, a verification that is refused, a token, a verification")
}

func TestFaults(t *testing.T) {
	tokens := newServer(t)
	// No goroutine of a connection may be left.
	tokens.Fail(otpsim.Fault{}.WithHeader("Connection", "close").Always())
	results := otptest.TestFaults(t, otptest.FaultHarness{
		Open: func(baseURL string, opts ...otp.Option) (otp.Provider, error) {
			cfg := ofServer(tokens)
			cfg.BaseURL = baseURL
			return camara.New(cfg, opts...)
		},
		Request:      otp.SendRequest{To: phone},
		Sent:         otptest.Answer{Status: 200, Body: `{"authenticationId":"` + id + `"}`},
		Verification: otp.Verification{ID: id, To: phone, Channel: otp.SMS},
		Code:         "482913",
		Verified:     otptest.Answer{Status: 204},
		Refusal:      `{"status":400,"code":"SOMETHING_UNLISTED","message":"%s"}`,
		Secrets:      []string{tokens.ClientSecret},
	})
	require.NotEmpty(t, results)
}
