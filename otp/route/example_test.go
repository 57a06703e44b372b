package route_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

var unreachable = otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}

// A vendor fails and then is gone while people sign in. Everybody gets a code, and nobody gets two.
func Example() {
	first, second := insidertest.NewServer(), kaleyratest.NewServer() // simulators: nothing is sent
	defer second.Close()
	provider, err := mainAndBackup(first, second)
	if err != nil {
		fmt.Println(err)
		return
	}
	for i, to := range []string{
		"+905321234501", "+905321234502", "+905321234503", "+905321234504", "+905321234505", "+905321234506",
	} {
		switch i {
		case 1: // sends the code, and answers that something went wrong
			first.Fail(otpsim.AfterAccepting(500))
		case 2:
			first.Close()
		}
		var happened []string
		ctx := otp.WithObserver(context.Background(), func(e otp.Event) {
			switch e := e.(type) {
			case otp.FailoverEvent:
				happened = append(happened, fmt.Sprintf("%s is %s", e.From, e.Kind))
			case otp.BreakerEvent:
				happened = append(happened, fmt.Sprintf("breaker of %s is %s", e.Provider, e.To))
			}
		})
		v, err := provider.Send(ctx, otp.SendRequest{To: to})
		if otp.OutcomeOf(err) == otp.OutcomeUnknown { // the code may be on its way: no other vendor sends, the person types
			happened = append(happened, "may have been sent")
		}
		code, texts := "", 0
		for _, vendor := range []interface {
			Code(to string) (string, bool)
		}{first, second} {
			if received, ok := vendor.Code(to); ok {
				code, texts = received, texts+1
			}
		}
		fmt.Printf("%s: %d text, verify: %v, %q\n", v.Provider, texts, provider.Verify(ctx, v, code), happened)
	}
	// Output:
	// main: 1 text, verify: <nil>, []
	// main: 1 text, verify: <nil>, ["may have been sent"]
	// backup: 1 text, verify: <nil>, ["main is unavailable"]
	// backup: 1 text, verify: <nil>, ["breaker of main is open" "main is unavailable"]
	// backup: 1 text, verify: <nil>, ["main is unavailable"]
	// backup: 1 text, verify: <nil>, ["main is unavailable"]
}

// mainAndBackup tries a vendor until it has failed three times in a row, and leaves it alone for
// half a minute then.
func mainAndBackup(first *insidertest.Server, second *kaleyratest.Server) (otp.Provider, error) {
	// A connection for each request, so that the output is the same each time: nobody can know
	// whether a request was sent that was on a connection when it broke.
	client := otp.WithHTTPClient(&http.Client{Transport: &http.Transport{DisableKeepAlives: true}})
	vendor, err := insider.New(insider.Config{APIKey: first.APIKey, BaseURL: first.URL},
		client, otp.WithName("main"), otp.WithRetry(otp.RetryPolicy{MaxAttempts: 1})) // the backup is the second attempt
	if err != nil {
		return nil, err
	}
	backup, err := kaleyra.New(kaleyra.Config{
		SID: second.SID, APIKey: second.APIKey, FlowID: second.FlowID, BaseURL: second.URL,
	}, client, otp.WithName("backup"))
	if err != nil {
		return nil, err
	}
	breaker, err := route.Breaker(vendor, route.WithFaults(3), route.WithOpenFor(30*time.Second))
	if err != nil {
		return nil, err
	}
	return route.Failover("otp", breaker, backup)
}

func ExampleFailover() {
	first, second := otptest.NewProvider(otptest.WithName("first")), otptest.NewProvider(otptest.WithName("second"))
	provider, err := route.Failover("main", first, second)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, req := context.Background(), otp.SendRequest{To: "+905321234567"}

	first.FailSend(unreachable)
	v, err := provider.Send(ctx, req)
	fmt.Println(v.Provider, err)
	code, _ := second.Code(req.To)
	fmt.Println(provider.Verify(ctx, v, code))

	first.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown}) // may have been sent
	v, err = provider.Send(ctx, req)
	fmt.Println(v.Provider, err)

	first.FailSend(unreachable)
	second.FailSend(otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: time.Minute})
	_, err = provider.Send(ctx, req)
	fmt.Println(err)
	// Output:
	// second <nil>
	// <nil>
	// first first: send: unavailable, outcome unknown
	// main: send: rate limited: first: send: unavailable; second: send: rate limited, retry after 1m0s, retry after 1m0s
}

func ExampleRouter_Send_again() {
	first, second := otptest.NewProvider(otptest.WithName("first")), otptest.NewProvider(otptest.WithName("second"))
	provider, _ := route.Failover("main", first, second)
	ctx, req := context.Background(), otp.SendRequest{To: "+905321234567"}

	v, _ := provider.Send(ctx, req)
	fmt.Println(v.Provider, v.Channel)
	for range 3 { // "I have not received anything"
		req.Previous = &v
		v, _ = provider.Send(ctx, req)
		fmt.Println(v.Provider, v.Channel)
	}
	// Output:
	// first sms
	// second sms
	// first whatsapp
	// second whatsapp
}

// The capabilities of a router are what all of its providers can do. What one of them can do is
// sent.
func ExampleRouter_Senders() {
	sms := otptest.NewProvider(otptest.WithName("short"), otptest.WithCapabilities(otp.Capabilities{
		Vendor: "short", Default: otp.SMS, Channels: map[otp.Channel]otp.Features{
			otp.SMS: {CodeLength: otp.Range[int]{Min: 4, Max: 6}},
		},
	}))
	provider, _ := route.Failover("main", sms, otptest.NewProvider(otptest.WithName("long")))

	req := otp.SendRequest{To: "+905321234567", CodeLength: 10}
	fmt.Println("all of them:", provider.Capabilities().Check(req))
	fmt.Println("one of them:", otp.CanSend(provider, req))
	// Output:
	// all of them: send: unsupported: code_length: must be 4 to 6
	// one of them: <nil>
}

func ExampleWeighted() {
	provider, err := route.Weighted("main",
		route.Share{Provider: otptest.NewProvider(otptest.WithName("most")), Weight: 3},
		route.Share{Provider: otptest.NewProvider(otptest.WithName("some")), Weight: 1},
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	sent := make(map[string]int)
	for range 1000 {
		v, _ := provider.Send(context.Background(), otp.SendRequest{To: "+905321234567"})
		sent[v.Provider]++
	}
	fmt.Printf("%.0f%% and %.0f%%\n", float64(sent["most"])/10, float64(sent["some"])/10)
	// Output:
	// 75% and 25%
}

func ExampleByPrefix() {
	provider, err := route.ByPrefix("main", map[string]otp.Provider{
		"+33":   otptest.NewProvider(otptest.WithName("france")),
		"+1":    otptest.NewProvider(otptest.WithName("america")),
		"+1876": otptest.NewProvider(otptest.WithName("jamaica")),
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, to := range []string{"+33612345678", "+14155552671", "+18765550123", "+905321234567"} {
		v, err := provider.Send(context.Background(), otp.SendRequest{To: to})
		fmt.Println(v.Provider, err)
	}
	// Output:
	// france <nil>
	// america <nil>
	// jamaica <nil>
	//  main: send: unsupported: to: there is no route for this number
}

func ExampleDraining() {
	left, current := otptest.NewProvider(otptest.WithName("left")), otptest.NewProvider(otptest.WithName("current"))
	ctx, req := context.Background(), otp.SendRequest{To: "+905321234567"}
	before, _ := left.Send(ctx, req)
	code, _ := left.Code(req.To)

	provider, err := route.Draining("main", current, left)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, _ := provider.Send(ctx, req)
	fmt.Println("sent by", v.Provider)
	fmt.Println("sent before, by", before.Provider, "and verified:", provider.Verify(ctx, before, code))
	// Output:
	// sent by current
	// sent before, by left and verified: <nil>
}

func ExampleBreaker() {
	vendor := otptest.NewProvider(otptest.WithName("vendor"))
	provider, err := route.Breaker(vendor, route.WithFaults(2), route.WithOpenFor(time.Minute))
	if err != nil {
		fmt.Println(err)
		return
	}
	vendor.FailSend(unreachable, unreachable)
	ctx := otp.WithObserver(context.Background(), func(e otp.Event) {
		if change, ok := e.(otp.BreakerEvent); ok {
			fmt.Println(change.Provider, change.Op, change.From, change.To)
		}
	})
	for range 3 {
		_, err = provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
	}
	var failure *otp.Error
	if errors.As(err, &failure) {
		fmt.Println(failure.Kind, "and", failure.Outcome, "for", failure.RetryAfter.Round(time.Minute))
	}
	fmt.Println(len(vendor.Calls()), "calls")
	// Output:
	// vendor send closed open
	// unavailable and not sent for 1m0s
	// 2 calls
}

func ExampleNewSwitch() {
	was, is := otptest.NewProvider(otptest.WithName("was")), otptest.NewProvider(otptest.WithName("is"))
	provider, err := route.NewSwitch("main", was, 10*time.Minute)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx, req := context.Background(), otp.SendRequest{To: "+905321234567"}

	before, _ := provider.Send(ctx, req)
	fmt.Println(provider.Replace(is)) // while the person types
	after, _ := provider.Send(ctx, req)
	fmt.Println("from", before.Provider, "to", after.Provider)

	code, _ := was.Code(req.To)
	fmt.Println(provider.Verify(ctx, before, code))
	// Output:
	// <nil>
	// from was to is
	// <nil>
}

// Codes of one vendor stop coming back, although it accepts all sends. Explain says what follows.
func ExampleLearning() {
	first, second := otptest.NewProvider(otptest.WithName("first")), otptest.NewProvider(otptest.WithName("second"))
	provider, err := route.Learning("main", []otp.Provider{first, second}, route.WithSeed(1))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	fmt.Println(provider.Explain("+90"))
	for i := range 300 {
		v, err := provider.Send(ctx, otp.SendRequest{To: fmt.Sprintf("+9053%08d", i*10_007)})
		if err != nil {
			fmt.Println(err)
			return
		}
		if v.Provider == "first" && i > 200 {
			route.Undelivered(provider, v) // a bad receipt; without one, the code would count after five minutes
			continue
		}
		code, _ := map[string]*otptest.Provider{"first": first, "second": second}[v.Provider].Code(v.To)
		_ = provider.Verify(ctx, v, code)
	}
	explained := provider.Explain("+90")
	fmt.Println(strings.Split(explained, " since ")[0])
	// Output:
	// there are no results yet; first leads
	// +90 by sms: second gets 99.8 % of the sends: 100.0 % of its codes come back (158 results); first gets 0.2 % of the sends: 100.0 % of its codes come back (136 results), but few
}
