package phones_test

import (
	"encoding/json"
	"io"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestEveryFaultOnEveryVendor(t *testing.T) {
	for _, name := range []string{"insider", "kaleyra", "hypersender", "smsfactor"} {
		t.Run(name, func(t *testing.T) {
			d := start(t, phones.Options{})
			url, client := d.serve()
			c := d.shop(name).send
			send := func() (*http.Response, error) {
				req, err := http.NewRequestWithContext(t.Context(), c.method, url+c.path, strings.NewReader(c.body))
				require.NoError(t, err)
				for _, h := range c.headers {
					key, value, _ := strings.Cut(h, ": ")
					req.Header.Set(key, value)
				}
				return client.Do(req)
			}
			fault := func(kind, more string) {
				d.post("/api/faults", `{"vendor":"`+name+`","fault":"`+kind+`","on":"send"`+more+`}`, nil)
			}
			sent := func() int { return d.messages("").Kept }

			fault("500-after-accepting", "")
			resp, err := send()
			require.NoError(t, err)
			read(t, resp)
			assert.Equal(t, 500, resp.StatusCode)
			assert.Equal(t, 1, sent(), "it was sent all the same")
			assert.True(t, d.traffic()[0].Accepted)
			assert.Contains(t, d.traffic()[0].Fault, "reply 500 after accepting")

			fault("cut", `,"times":2`)
			for range 2 {
				_, err = send()
				require.Error(t, err)
			}
			assert.Equal(t, 1, sent())
			assert.Zero(t, d.traffic()[0].Status)

			fault("429", `,"seconds":7`)
			resp, err = send()
			require.NoError(t, err)
			read(t, resp)
			assert.Equal(t, 429, resp.StatusCode)
			assert.Equal(t, "7", resp.Header.Get("Retry-After"))
			assert.Equal(t, 1, sent())

			fault("wrong-schema", "")
			resp, err = send()
			require.NoError(t, err)
			assert.JSONEq(t, `{"result":{"state":"ok","items":[]},"version":3}`, read(t, resp))
			assert.Equal(t, 2, resp.StatusCode/100)
			assert.Equal(t, 2, sent())
		})
	}
}

// over sends one code over a real connection, whatever the answer, and returns it with its body.
func (s shop) over(client *http.Client, url, to string) (*http.Response, string, error) {
	s.t.Helper()
	c := s.sendTo(to)
	req, err := http.NewRequestWithContext(s.t.Context(), c.method, url+c.path, strings.NewReader(c.body))
	require.NoError(s.t, err)
	for _, h := range c.headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	resp, err := client.Do(req)
	if err != nil {
		return nil, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(io.LimitReader(resp.Body, 1<<20))
	return resp, string(body), err
}

func TestFaultsByName(t *testing.T) {
	d := start(t, phones.Options{})
	url, client := d.serve()
	client.Transport.(*http.Transport).DisableCompression = true
	client.CheckRedirect = func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }
	s := d.shop("smsfactor")
	for _, tt := range []struct {
		fault  string // and what more the request has
		status int    // 0 = no answer
		body   string // a part of it
		sent   bool
	}{
		{`"endless"`, 200, "   ", false},
		{`"framework-404"`, 404, "404 page not found", false},
		{`"html","status":502`, 502, "<h1>502 Bad Gateway</h1>", false},
		{`"redirect"`, 307, "", false},
		{`"reply","status":402,"body":"{\"error\":\"pay\"}"`, 402, `{"error":"pay"}`, false},
		{`"reply","status":402,"accepted":true`, 402, "", true},
		{`"reset"`, 0, "", false},
		{`"status","status":503`, 503, `{"message":"Service Unavailable."}`, false},
		{`"unauthorized"`, 401, `{"code":101,"message":"Unauthorized."}`, false},
		{`"error","status":429,"code":"438"`, 429, `{"code":438,"message":"Error 438."}`, false},
		{`"invalid-recipient"`, 400, `{"code":117,`, false},
		{`"country-not-served"`, 400, `{"code":151,`, false},
		{`"insufficient-funds"`, 400, `{"code":104,`, false},
		{`"byte-order-mark"`, 200, "\uFEFF{", true},
		{`"empty"`, 200, "", true},
		{`"gzip"`, 200, "\x1f\x8b", true},
		{`"success-as","status":500`, 500, `"otp_request_token"`, true},
		{`"too-long"`, 200, `"otp_request_token"`, true},
		{`"drip"`, 200, `"otp_request_token"`, true},
		{`"truncated"`, 200, `{"code":0,`, true},
	} {
		t.Run(tt.fault, func(t *testing.T) {
			before := d.messages("").Kept
			d.post("/api/faults", `{"vendor":"smsfactor","on":"send","fault":`+tt.fault+`}`, nil)
			resp, body, err := s.over(client, url, number)
			assert.Equal(t, tt.sent, d.messages("").Kept == before+1)
			if tt.status == 0 {
				require.Error(t, err)
				return
			}
			require.NoError(t, err)
			assert.Equal(t, tt.status, resp.StatusCode)
			assert.Contains(t, body, tt.body)
		})
	}
}

func TestFaultForOneNumber(t *testing.T) {
	for _, name := range []string{"insider", "kaleyra", "hypersender", "smsfactor"} {
		d := start(t, phones.Options{})
		s := d.shop(name)
		d.post("/api/faults", `{"vendor":"`+name+`","fault":"429","to":"`+number+`","header":{"retry-after":"soon","X-Odd":"1"}}`, nil)
		m := s.sends("+12025550199")
		assert.Equal(t, 2, s.types(m, m.Code).Code/100)
		w := s.run(s.sendTo(number))
		assert.Equal(t, 429, w.Code)
		assert.Equal(t, "soon", w.Header().Get("Retry-After"))
		assert.Equal(t, "1", w.Header().Get("X-Odd"))
	}
}

func TestNotOnWhatsApp(t *testing.T) {
	d := start(t, phones.Options{})
	s := d.shop("hypersender")
	d.post("/api/faults", `{"vendor":"hypersender","fault":"not-on-whatsapp","to":"`+number+`","times":2}`, nil)
	for range 2 {
		w := s.run(s.sendTo(number))
		assert.Equal(t, 422, w.Code)
		assert.Contains(t, w.Body.String(), `"jid":"12025550123@s.whatsapp.net","exists":false`)
	}
	s.sends(number)
}

func TestClockOverHTTP(t *testing.T) {
	d := start(t, phones.Options{})
	for _, s := range d.shops() {
		m := s.sends(number)
		d.post("/api/clock", `{"advance":"5m"}`, nil)
		assert.Equal(t, 4, s.types(m, m.Code).Code/100, "%s: the code has expired", s.name)
		assert.Equal(t, otpsim.Expired, d.messages("").Messages[0].State)
	}
	d.post("/api/reset", `{}`, nil)
	var list struct {
		Now time.Time `json:"now"`
	}
	d.get("/api/messages", &list)
	assert.WithinDuration(t, time.Now(), list.Now, 10*time.Second, "the real time again")
	for _, body := range []string{`{}`, `{"advance":"-1s"}`, `{"advance":"soon"}`, `{"by":"5m"}`} {
		assert.Equal(t, 400, d.do("POST", "/api/clock", body, "Content-Type: application/json").Code, body)
	}
	events := d.events("first")
	d.Close()
	assert.Contains(t, events(), "event: stale", "a page reads everything again")
}

func TestAlwaysAndAfter(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		s := d.shop("insider")
		d.post("/api/faults", `{"vendor":"insider","fault":"status","status":503,"after":"2s","always":true,"to":"`+number+`"}`, nil)
		began := time.Now()
		for range 3 {
			assert.Equal(t, 503, s.run(s.send).Code)
		}
		assert.Equal(t, 6*time.Second, time.Since(began))
		d.post("/api/faults", `{"vendor":"insider","fault":"none","to":"`+number+`"}`, nil)
		s.sends(number)
	})
}

func TestSlow(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		for _, s := range d.shops() {
			d.post("/api/faults", `{"vendor":"`+s.name+`","fault":"slow","seconds":9}`, nil)
			began := time.Now()
			s.sends(number)
			assert.Equal(t, 9*time.Second, time.Since(began))
		}
	})
}

func TestFaultsWaitForTheirRequest(t *testing.T) {
	d := start(t, phones.Options{})
	s := d.shop("insider")
	m := s.sends(number)
	d.post("/api/faults", `{"vendor":"insider","fault":"429","on":"verify"}`, nil)
	d.post("/api/faults", `{"vendor":"insider","fault":"500-after-accepting","times":3}`, nil)
	d.post("/api/faults", `{"vendor":"kaleyra","fault":"slow"}`, nil)
	assert.JSONEq(t, `[
		{"vendor":"insider","text":"reply 429, on check"},
		{"vendor":"insider","text":"reply 500 after accepting, 3 times"},
		{"vendor":"kaleyra","text":"delay, after 5s"}]`, string(raw(t, d, "/api/faults", "faults")))

	assert.Equal(t, 500, s.run(s.send).Code)
	assert.Equal(t, 429, s.types(m, m.Code).Code)
	var left struct {
		Faults []phones.PendingFault `json:"faults"`
	}
	d.post("/api/faults", `{"vendor":"insider","fault":"none"}`, &left)
	assert.Equal(t, []phones.PendingFault{{Vendor: "kaleyra", Text: "delay, after 5s"}}, left.Faults)
	assert.Equal(t, 202, s.run(s.send).Code)
}

const faultNames = "fault: must be one of 429, 500-after-accepting, byte-order-mark, cut, drip, empty, endless, error, framework-404, " +
	"gzip, hang, html, insufficient-funds, invalid-recipient, redirect, reply, reset, slow, status, success-as, too-long, truncated, unauthorized, wrong-schema, none"

func TestFaultsThatAreRefused(t *testing.T) {
	d := start(t, phones.Options{})
	for body, want := range map[string]string{
		`{}`:                                 "vendor: must be one of insider, kaleyra, hypersender, smsfactor",
		`{"vendor":"acme","fault":"cut"}`:    "vendor: must be one of insider, kaleyra, hypersender, smsfactor",
		`{"vendor":"insider"}`:               faultNames,
		`{"vendor":"insider","fault":"Cut"}`: faultNames,
		`{"vendor":"insider","fault":"cut","to":"me"}`:         `to: must be a phone number, such as +12025550123, or "" for every number`,
		`{"vendor":"insider","fault":"reply","status":199}`:    "status: must be from 200 to 599, or 0 for 500",
		`{"vendor":"smsfactor","fault":"error","code":"E104"}`: "code: must be a whole number",
		`{"vendor":"hypersender","fault":"not-on-whatsapp"}`:   "to: not-on-whatsapp is about one phone number",
		`{"vendor":"insider","fault":"cut","on":"generate"}`:   `on: must be "send", "verify" or "" for any request`,
		`{"vendor":"insider","fault":"cut","times":-1}`:        "times: must be from 1 to 1000, or 0 for once",
		`{"vendor":"insider","fault":"cut","times":1001}`:      "times: must be from 1 to 1000, or 0 for once",
		`{"vendor":"insider","fault":"slow","seconds":601}`:    "seconds: must be from 1 to 600, or 0 for 5",
		`{"vendor":"insider","fault":"slow","seconds":-1}`:     "seconds: must be from 1 to 600, or 0 for 5",
		`{"vendor":"insider","fault":"cut","after":"11m"}`:     "after: must be a duration up to 10m, such as 2s",
		`{"vendor":"insider","fault":"cut","after":"soon"}`:    "after: must be a duration up to 10m, such as 2s",
		`{"vendor":"insider","fault":"slow","unknown":1}`:      "unknown: there is no such field",
		`{"vendor":"insider","fault":"slow","times":1.5}`:      "times: must be a whole number, not number 1.5",
		`{"vendor":"insider","fault":"slow","always":"yes"}`:   "always: must be true or false, not string",
		`{"vendor":"insider","fault":"slow","to":12025550123}`: "to: must be a string, not number",
		`{"vendor":"insider","fault":"slow","header":[]}`:      "header: must be an object, not array",
		`{"vendor":"insider","fault":"slow"`:                   "the body must be one JSON object: unexpected EOF",
		`{"vendor":"insider","fault":"slow"} {}`:               "the body must be one JSON object, and nothing after it",
		`{"vendor":"` + strings.Repeat("x", 17<<10) + `"}`:     "the body cannot be read, or is too long",
	} {
		w := d.do("POST", "/api/faults", body, "Content-Type: application/json")
		assert.Equal(t, http.StatusBadRequest, w.Code)
		var answer map[string]string
		require.NoError(t, json.Unmarshal(w.Body.Bytes(), &answer))
		assert.Equal(t, want, answer["error"])
	}
	assert.JSONEq(t, `[]`, string(raw(t, d, "/api/faults", "faults")))

	for range 100 {
		d.post("/api/faults", `{"vendor":"insider","fault":"cut"}`, nil)
	}
	w := d.do("POST", "/api/faults", `{"vendor":"insider","fault":"cut"}`, "Content-Type: application/json")
	assert.JSONEq(t, `{"error":"fault: insider has 100 of them waiting already"}`, w.Body.String())
}
