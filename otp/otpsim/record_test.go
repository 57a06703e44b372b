package otpsim_test

import (
	"net/http"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// watched collects the exchanges of a vendor.
func watched(v *vendor) func() []otpsim.Exchange {
	var mu sync.Mutex
	var all []otpsim.Exchange
	v.Watch(func(x otpsim.Exchange) {
		mu.Lock()
		defer mu.Unlock()
		all = append(all, x)
	})
	return func() []otpsim.Exchange {
		mu.Lock()
		defer mu.Unlock()
		return all
	}
}

func TestWatchSeesRequestAndAnswer(t *testing.T) {
	v := newVendor(t)
	exchanges := watched(v)
	v.Fail(otpsim.Reply(500, "oops").Accepted().On("send").Times(2))
	v.do(t, "POST", "/v1/AB/send", "first")
	v.do(t, "POST", "/v1/AB/send", "second")
	v.do(t, "POST", "/v1/AB/send", "bad")
	v.do(t, "GET", "/nowhere", "")

	all := exchanges()
	require.Len(t, all, 4)
	assert.Equal(t, otpsim.Request{At: noon, Operation: "send", Method: "POST", Path: "/v1/AB/send", Accepted: true, Status: 500}, all[0].Request)
	assert.Equal(t, "reply 500 after accepting, on send", all[0].Fault)
	assert.Equal(t, "first", string(all[0].Body))
	assert.Equal(t, "oops", string(all[0].Answer.Body))
	assert.NotEmpty(t, all[0].Header.Get("Content-Length"))
	assert.Equal(t, all[0].Fault, all[1].Fault, "one of several is described like one")
	assert.Empty(t, all[2].Fault)
	assert.Equal(t, http.StatusBadRequest, all[2].Status)
	assert.Equal(t, `{"error":"AB"}`, string(all[2].Answer.Body))
	assert.Equal(t, http.StatusNotFound, all[3].Status)
	assert.Empty(t, all[3].Operation)
}

func TestWatchSeesWhatIsNotAnswered(t *testing.T) {
	v := newVendor(t)
	exchanges := watched(v)
	v.Fail(otpsim.Cut(), otpsim.Delay(time.Minute))
	require.Error(t, v.do(t, "POST", "/v1/AB/send", "").err)

	client := &http.Client{Timeout: 20 * time.Millisecond, Transport: new(http.Transport)}
	require.Error(t, do(t, client, "POST", v.URL+"/v1/AB/send", "").err)
	v.Close()

	all := exchanges()
	require.Len(t, all, 2)
	assert.Equal(t, "cut", all[0].Fault)
	assert.Zero(t, all[0].Status)
	assert.False(t, all[0].Accepted)
	assert.Equal(t, "delay, after 1m0s", all[1].Fault)
	assert.Zero(t, all[1].Answer.Status)
	assert.True(t, all[1].Accepted, "a late answer is late, not lost")
}
