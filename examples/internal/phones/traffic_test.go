package phones_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
)

// shown is all that a person or a program can see of traffic, without the configuration.
func (d desk) shown() string {
	d.t.Helper()
	events := d.events("first")
	d.Close() // ends the stream, after all that was there
	return d.do("GET", "/api/traffic", "").Body.String() + events()
}

func TestTrafficShowsRequestAndResponse(t *testing.T) {
	d := start(t, phones.Options{})
	s := d.shop("kaleyra")
	m := s.sends(number)
	s.types(m, wrong(m.Code))
	list := d.traffic()
	require.Len(t, list, 2)
	got := list[0]
	assert.Equal(t, 2, got.ID)
	assert.Equal(t, "kaleyra", got.Vendor)
	assert.Equal(t, "validate", got.Operation)
	assert.Equal(t, "POST", got.Method)
	assert.Equal(t, "/kaleyra/v1/HXSIMULATOR001IN/verify/validate", got.Path)
	assert.Equal(t, 400, got.Status)
	assert.False(t, got.Accepted)
	assert.Contains(t, got.Request.Body, wrong(m.Code), "codes show: that is what the page is for")
	assert.Contains(t, got.Response.Body, "E912")
	header, err := json.Marshal(got.Request.Header)
	require.NoError(t, err)
	assert.JSONEq(t, `[["Api-Key","••••••"],["Content-Type","application/json"]]`, string(header))
}

func TestTrafficNeverShowsASecret(t *testing.T) {
	d := start(t, phones.Options{})
	for _, s := range d.shops() {
		s.run(s.send)
		c := s.send // a program that is set up wrongly, with real keys
		c.headers = []string{
			"Authorization: Bearer CANARY-1", "Api-Key: CANARY-2", "X-My-Own: CANARY-3", "Cookie: CANARY-4", "X-Ins-Auth-Key: CANARY-5",
			"Api-Login: CANARY-6",
		}
		c.path += "?api_key=CANARY-7"
		c.body = `{"api_key":"CANARY-8","token":"CANARY-9","Password":"CANARY-10","api-login":"CANARY-11","nested":"` +
			d.Vendors()[1].Settings[1].Value + `"}`
		s.run(c)
	}
	d.post("/api/faults", `{"vendor":"insider","fault":"429"}`, nil)
	d.run(d.shop("insider").send)
	secrets := []string{"CANARY"}
	for _, v := range d.Vendors() {
		for _, setting := range v.Settings {
			switch setting.Name {
			case "api_key", "api_login", "token":
				secrets = append(secrets, setting.Value)
			}
		}
	}
	require.Len(t, secrets, 6)
	all := d.shown()
	assert.Contains(t, all, "••••••")
	assert.Contains(t, all, number)
	for _, secret := range secrets {
		assert.NotContains(t, all, secret)
	}
}

func TestTrafficIsBounded(t *testing.T) {
	d := start(t, phones.Options{})
	s := d.shop("insider")
	c := s.send
	for _, size := range []int{8 << 10, 17 << 10} {
		c.body = `{"to":"` + strings.Repeat("<é", size/3) + `"}`
		assert.Contains(t, []int{400, 413}, d.run(c).Code)
	}
	list := d.traffic()
	assert.Equal(t, 413, list[0].Status, "what is longer than any request of a vendor is not read")
	assert.True(t, list[1].Request.Cut)
	assert.Len(t, list[1].Request.Body, 4<<10)
	for range 1000 {
		d.run(s.send)
	}
	assert.Len(t, d.traffic(), 200)
	assert.Equal(t, 1002, d.traffic()[0].ID)
	var all traffic
	d.get("/api/traffic?limit=0", &all)
	assert.Equal(t, 3, all.Exchanges[999].ID)
	assert.Equal(t, http.StatusBadRequest, d.do("GET", "/api/traffic?limit=x", "").Code)
}
