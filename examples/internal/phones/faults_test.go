package phones_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
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

func TestFaultsThatAreRefused(t *testing.T) {
	d := start(t, phones.Options{})
	for body, want := range map[string]string{
		`{}`:                                 "vendor: must be one of insider, kaleyra, hypersender, smsfactor",
		`{"vendor":"acme","fault":"cut"}`:    "vendor: must be one of insider, kaleyra, hypersender, smsfactor",
		`{"vendor":"insider"}`:               "fault: must be one of 500-after-accepting, cut, 429, slow, wrong-schema, none",
		`{"vendor":"insider","fault":"Cut"}`: "fault: must be one of 500-after-accepting, cut, 429, slow, wrong-schema, none",
		`{"vendor":"insider","fault":"cut","on":"generate"}`: `on: must be "send", "verify" or "" for any request`,
		`{"vendor":"insider","fault":"cut","times":-1}`:      "times: must be from 1 to 1000, or 0 for once",
		`{"vendor":"insider","fault":"cut","times":1001}`:    "times: must be from 1 to 1000, or 0 for once",
		`{"vendor":"insider","fault":"slow","seconds":601}`:  "seconds: must be from 1 to 600, or 0 for 5",
		`{"vendor":"insider","fault":"slow","seconds":-1}`:   "seconds: must be from 1 to 600, or 0 for 5",
		`{"vendor":"insider","fault":"slow","unknown":1}`:    `the body must be one JSON object: json: unknown field "unknown"`,
		`{"vendor":"insider","fault":"slow"} {}`:             "the body must be one JSON object, and nothing after it",
		`{"vendor":"` + strings.Repeat("x", 17<<10) + `"}`:   "the body cannot be read, or is too long",
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
