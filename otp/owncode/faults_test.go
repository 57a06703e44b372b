package owncode_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/otp/owncode"
	"github.com/otp-sdk/otp-go/smsfactor"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// gateway is a way to send texts, and the simulator behind it.
type gateway struct {
	send owncode.Sender
	sim  *otpsim.Server
	op   string
}

// quick repeats without waiting long.
var quick = otp.WithRetry(otp.RetryPolicy{MinWait: time.Millisecond, MaxWait: time.Millisecond})

func gateways(t *testing.T) map[string]gateway {
	t.Helper()
	octopush, kal, hyper := smsfactortest.NewServer(), kaleyratest.NewServer(), hypersendertest.NewServer()
	plain := plainGateway()
	for _, srv := range []interface{ Close() }{octopush, kal, hyper, plain} {
		t.Cleanup(srv.Close)
	}
	a, err := smsfactor.New(smsfactor.Config{APILogin: octopush.APILogin, APIKey: octopush.APIKey, BaseURL: octopush.URL}, quick)
	require.NoError(t, err)
	b, err := kaleyra.New(kaleyra.Config{SID: kal.SID, APIKey: kal.APIKey, BaseURL: kal.URL, SMSSender: "EXAMPL"}, quick)
	require.NoError(t, err)
	c, err := hypersender.New(hypersender.Config{Instance: hyper.Instance, Token: hyper.Token, AppName: "x", BaseURL: hyper.URL}, quick)
	require.NoError(t, err)
	client := &http.Client{Transport: new(http.Transport)}
	t.Cleanup(client.CloseIdleConnections)
	return map[string]gateway{
		"octopush":    {a, octopush.Server, "sms"},
		"kaleyra":     {b, kal.Server, "sms"},
		"hypersender": {c, hyper.Server, "send-text"},
		"a function":  {posting(client, plain.URL), plain, "send"},
	}
}

// plainGateway is a gateway that takes a form.
func plainGateway() *otpsim.Server {
	recipient := func(_ *http.Request, body []byte) string {
		form, _ := url.ParseQuery(string(body))
		return form.Get("to")
	}
	var s *otpsim.Server
	s = otpsim.New(otpsim.Config{Operations: []otpsim.Operation{{
		Name: "send", Method: http.MethodPost, Path: "/send", Recipient: recipient,
		Do: func(r *http.Request, body []byte) otpsim.Answer {
			form, _ := url.ParseQuery(string(body))
			s.Inbox.Deliver(otpsim.Message{To: form.Get("to"), Text: form.Get("text"), Code: strings.Fields(form.Get("text"))[0]})
			return otpsim.JSON(http.StatusOK, map[string]string{"id": "1"})
		},
	}}})
	s.Start()
	return s
}

// posting is the sender that somebody writes by hand.
func posting(client *http.Client, baseURL string) owncode.SenderFunc {
	return func(ctx context.Context, t owncode.Text) error {
		form := strings.NewReader(url.Values{"to": {t.To}, "text": {t.Body}}.Encode())
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL+"/send", form)
		if err != nil {
			return owncode.NotSent(err)
		}
		resp, err := client.Do(req)
		if err != nil {
			return err
		}
		defer resp.Body.Close()
		return statusError(resp.StatusCode)
	}
}

func faultList() map[string]otpsim.Fault {
	return map[string]otpsim.Fault{
		"500 after accepting":    otpsim.AfterAccepting(500),
		"503":                    otpsim.Status(503),
		"401":                    otpsim.Status(401),
		"a page":                 otpsim.HTML(502),
		"redirect":               otpsim.Redirect(307, "http://127.0.0.1:1/"),
		"cut":                    otpsim.Cut(),
		"cut after accepting":    otpsim.Cut().Accepted(),
		"reset":                  otpsim.Reset(),
		"reset after accepting":  otpsim.Reset().Accepted(),
		"silence":                otpsim.Hang(),
		"silence after the text": otpsim.Hang().Accepted(),
		"half an answer":         otpsim.Truncated(),
		"success under 500":      otpsim.SuccessAs(500),
		"429":                    otpsim.TooMany(0),
	}
}

// TestFallbackLeavesNobodyWithoutACode lets each of 14 faults hit each sender 20 times, one
// configuration of owncode after the other, with a healthy sender behind: the person has one valid
// code, and no sender has texted twice.
func TestFallbackLeavesNobodyWithoutACode(t *testing.T) {
	all := gateways(t)
	memory, err := guard.NewMemory(0)
	require.NoError(t, err)
	wrapped := anotherStore{memory}
	configs := map[string]owncode.Config{
		"octopush": {}, "kaleyra": {Letters: true}, "hypersender": {Channels: []otp.Channel{otp.WhatsApp}},
		"a function": {Keys: [][]byte{keyB, keyA}}, "octopush, another store": {Store: wrapped},
	}
	n := 0
	for name, cfg := range configs {
		primary := all[strings.Split(name, ",")[0]]
		healthy := &inbox{}
		cfg.Fallback = healthy
		if cfg.Keys == nil {
			cfg.Keys = [][]byte{keyA}
		}
		p, err := owncode.New(cfg, primary.send, otp.WithTimeout(300*time.Millisecond))
		require.NoError(t, err)
		for fault, f := range faultList() {
			var runs sync.WaitGroup
			for range 20 {
				n++
				to := number(n)
				primary.sim.Fail(f.On(primary.op).To(to).Always())
				runs.Go(func() { assert.NoError(t, reaches(t.Context(), p, primary.sim, healthy, to), "%s, %s", name, fault) })
			}
			runs.Wait()
		}
		primary.sim.Heal()
	}
	assert.Equal(t, 14*5*20, n)
}

// anotherStore is a store of which owncode knows nothing.
type anotherStore struct{ guard.Store }

// reaches sends to a phone, and says what is wrong with what the phone has then.
func reaches(ctx context.Context, p *owncode.Provider, sim *otpsim.Server, healthy *inbox, to string) error {
	v, err := p.Send(ctx, otp.SendRequest{To: to})
	if err != nil {
		return err
	}
	codes := map[string]bool{}
	byPrimary, byFallback := 0, 0
	for _, m := range sim.Inbox.Of(to) {
		byPrimary++
		codes[m.Code] = true
	}
	healthy.mu.Lock()
	for _, text := range healthy.texts {
		if text.To == to {
			byFallback++
			codes[text.Code] = true
		}
	}
	healthy.mu.Unlock()
	if byPrimary > 1 || byFallback > 1 || len(codes) != 1 {
		return fmt.Errorf("%d and %d texts, %d codes", byPrimary, byFallback, len(codes))
	}
	for code := range codes {
		if err := p.Verify(ctx, v, code); err != nil {
			return errors.Join(errors.New("the code in the phone is not valid"), err)
		}
	}
	return nil
}
