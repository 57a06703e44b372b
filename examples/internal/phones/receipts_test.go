package phones_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
)

// delivery is what the API says of the newest text of a number.
func (d desk) delivery(to string) string {
	var list struct {
		Messages []struct{ Delivery string } `json:"messages"`
	}
	d.get("/api/messages?limit=1&to="+to, &list)
	if len(list.Messages) == 0 {
		return ""
	}
	return list.Messages[0].Delivery
}

func TestTextsCanFailToArrive(t *testing.T) {
	d := start(t, phones.Options{})
	called := make(chan struct{}, 10)
	program := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { called <- struct{}{} }))
	defer program.Close()
	const to = "12025550123"
	key := []string{"X-INS-AUTH-KEY: insider-simulator-key", "Content-Type: application/json"}
	is := func(want string) {
		t.Helper()
		require.Eventually(t, func() bool { return d.delivery(to) == want }, 5*time.Second, 5*time.Millisecond)
	}
	d.post("/api/receipts", `{"vendor":"insider","statuses":["sent","undelivered"]}`, nil)
	d.do("POST", "/insider/v1/generate", `{"channel":"sms","to":"+`+to+`","callback":"`+program.URL+`"}`, key...)
	is("undelivered")
	<-called
	<-called
	d.post("/api/receipts", `{"vendor":"insider","to":"+`+to+`","statuses":["delivered"],"after":"1h"}`, nil)
	d.post("/api/clock", `{"advance":"1h"}`, nil)
	is("delivered")
	d.post("/api/receipts", `{"vendor":"insider"}`, nil)
	d.do("POST", "/insider/v1/generate", `{"channel":"sms","to":"+`+to+`"}`, key...)
	is("delivered")

	d.post("/api/receipts", `{"vendor":"insider","to":"`+to+`","further":true,"statuses":["read"],"after":"1h"}`, nil)
	for _, number := range []string{to, "12025550199"} {
		d.do("POST", "/insider/v1/generate", `{"channel":"sms","to":"+`+number+`"}`, key...)
	}
	d.post("/api/clock", `{"advance":"1h","to":"`+to+`"}`, nil)
	is("read")
	assert.Equal(t, "delivered", d.delivery("12025550199"), "another number is as before")

	for body, want := range map[string]string{
		`{"vendor":"x"}`: "vendor", `{"vendor":"insider","to":"x"}`: "to", `{"vendor":"insider","statuses":["lost"]}`: "statuses",
		`{"vendor":"insider","after":"-1s"}`: "after", `{"vendor":"insider","to":"+33611223344","statuses":["sent"]}`: "to",
		`{"vendor":"insider","statuses":["sent","sent","sent","sent","sent","sent","sent","sent","sent","sent","sent"]}`: "statuses",
	} {
		assert.Contains(t, d.refused("/api/receipts", body), want, body)
	}
}
