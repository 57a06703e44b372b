package owncode_test

import (
	"context"
	"crypto/rand"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/owncode"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// A gateway that nobody has written a package for: a function is enough.
func Example() {
	var received string
	srv := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { received = r.FormValue("text") }))
	defer srv.Close()

	gateway := owncode.SenderFunc(func(ctx context.Context, t owncode.Text) error {
		form := url.Values{"to": {t.To}, "text": {t.Body}}.Encode()
		req, err := http.NewRequestWithContext(ctx, http.MethodPost, srv.URL, strings.NewReader(form))
		if err != nil {
			return owncode.NotSent(err) // proof: it was never asked
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err // nobody knows: it may have sent the text
		}
		_ = resp.Body.Close()
		return statusError(resp.StatusCode)
	})
	key := make([]byte, 32) // from your vault: the same in all processes, and after a restart
	_, _ = rand.Read(key)

	provider, err := owncode.New(owncode.Config{Keys: [][]byte{key}}, gateway)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()
	v, err := provider.Send(ctx, otp.SendRequest{To: "+12025550123"})
	fmt.Println(v.To, err, received[6:])
	fmt.Println(provider.Verify(ctx, v, received[:6]))
	// Output:
	// +12025550123 <nil>  is your code. It is valid for 5 minutes. Do not share it with anybody.
	// <nil>
}

// statusError is what the gateway's manual says about its statuses.
func statusError(status int) error {
	switch err := fmt.Errorf("the gateway answers %d", status); status {
	case http.StatusOK:
		return nil
	case http.StatusUnauthorized, http.StatusForbidden: // it has not looked at the text
		return owncode.NotSent(err)
	default:
		return err
	}
}

// Twilio's Messages API, written on vendorkit: proof of what was not sent, limits, retries and masking
// come with it.
func ExampleNew_twilio() {
	twilio := func(sid, token, from, baseURL string) (owncode.SenderFunc, error) {
		client, err := vendorkit.New(vendorkit.Config{
			Vendor: "twilio", BaseURL: baseURL, Account: sid,
			Credentials: []vendorkit.Credential{vendorkit.Basic("auth_token", sid, token)},
		})
		return func(ctx context.Context, t owncode.Text) error {
			return client.Do(ctx, vendorkit.Call{
				Op: "messages", Path: "/2010-04-01/Accounts/{sid}/Messages.json", Segments: []string{sid},
				Form: url.Values{
					"To": {t.To}, "From": {from}, "Body": {t.Body}, "ContentRetention": {"discard"},
					"ValidityPeriod": {strconv.Itoa(1 + int(time.Until(t.ExpiresAt).Seconds()))},
				},
				Number: t.To, Code: t.Code, Secrets: []string{t.Body},
				Status:  []int{http.StatusCreated},
				Success: isQueued,
				Sign:    func(o vendorkit.Object) bool { return o.Text("sid") != "" },
			})
		}, err
	}
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		user, _, _ := r.BasicAuth()
		fmt.Println(r.URL.Path, user, r.FormValue("To"))
		w.WriteHeader(http.StatusCreated)
		_, _ = fmt.Fprintf(w, `{"sid": "SM1", "status": "queued", "body": %q, "num_segments": "1"}`, r.FormValue("Body"))
	}))
	defer srv.Close()

	send, err := twilio("AC1", "token", "+12025550100", srv.URL)
	if err != nil {
		fmt.Println(err)
		return
	}
	provider, err := owncode.New(owncode.Config{Keys: [][]byte{[]byte("32 bytes from your vault, random")}}, send)
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := provider.Send(context.Background(), otp.SendRequest{To: "+12025550123"})
	fmt.Println(v.Provider, v.Channel, err)
	// Output:
	// /2010-04-01/Accounts/AC1/Messages.json AC1 +12025550123
	// owncode sms <nil>
}

// isQueued reports whether an answer is Twilio's success.
func isQueued(a vendorkit.Answer) bool {
	message, err := a.Object()
	status := message.Text("status")
	return err == nil && message.Text("sid") != "" && (status == "queued" || status == "accepted" || status == "sending" || status == "sent")
}
