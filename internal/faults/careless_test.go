package faults_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/hashicorp/go-retryablehttp"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// A test that finds nothing proves something only if there is something to find. So the same servers are asked by clients
// as they come out of the box, and have to be asked twice.

func TestAClientThatRetriesAsItComesTextsTwice(t *testing.T) {
	t.Parallel()
	for _, name := range []string{
		"500", "502 with a web page", "503", "504", "closed after reading", "reset after reading",
		"half a header, then closed", "garbage instead of HTTP",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f := faultNamed(t, name)
			client := retryablehttp.NewClient()
			client.Logger, client.RetryWaitMin, client.RetryWaitMax = nil, 1, 1
			asked := f.ask(t, client.StandardClient())
			assert.EqualValues(t, 2, asked.taken.Load())
		})
	}
}

func TestNetHTTPAsItComesRepeatsByItself(t *testing.T) {
	t.Parallel()
	t.Run("over HTTP/2", func(t *testing.T) {
		t.Parallel()
		asked := faultNamed(t, "HTTP/2 server that resets after the body").ask(t, &http.Client{Transport: trusting()})
		assert.Greater(t, asked.taken.Load(), int32(1))
	})
	for _, name := range []string{"307", "308"} {
		t.Run("after "+name, func(t *testing.T) {
			t.Parallel()
			transport := new(http.Transport)
			defer transport.CloseIdleConnections()
			elsewhere := serve(t, anyCall(), succeed)
			faultNamed(t, name).askWith(t, &http.Client{Transport: transport}, elsewhere)
			assert.EqualValues(t, 1, elsewhere.taken.Load())
		})
	}
}

func anyCall() call { return calls()[0] }

func faultNamed(t *testing.T, name string) fault {
	t.Helper()
	all := faults()
	i := slices.IndexFunc(all, func(f fault) bool { return f.name == name })
	require.GreaterOrEqual(t, i, 0, name)
	return all[i]
}

// ask posts something to a vendor with the fault, and gives up soon.
func (f fault) ask(t *testing.T, client *http.Client) *server {
	t.Helper()
	return f.askWith(t, client, serve(t, anyCall(), succeed))
}

func (f fault) askWith(t *testing.T, client *http.Client, elsewhere *server) *server {
	t.Helper()
	s := serve(t, anyCall(), f.script...)
	s.elsewhere = "http://" + elsewhere.address()
	baseURL := "http://" + s.address()
	if f.at != nil {
		baseURL, _ = f.at(t, s)
	}
	ctx, cancel := context.WithTimeout(t.Context(), time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, baseURL, strings.NewReader("{}"))
	require.NoError(t, err)
	resp, err := client.Do(req)
	if err == nil {
		_ = resp.Body.Close()
	}
	client.CloseIdleConnections()
	return s
}
