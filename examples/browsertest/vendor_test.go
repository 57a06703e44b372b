package browsertest

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

// request is how a vendor is asked to send, as the page of phones says.
type request struct {
	Method, Path, Body string
	Header             [][2]string
	base               string
}

func vendor(t *testing.T, p program, name string) request {
	t.Helper()
	var config struct {
		Vendors []struct {
			Name    string
			BaseURL string `json:"base_url"`
			Send    request
		}
	}
	resp, err := http.Get(p.phones + "/api/config")
	require.NoError(t, err)
	defer resp.Body.Close()
	require.NoError(t, json.NewDecoder(resp.Body).Decode(&config))
	for _, v := range config.Vendors {
		if v.Name == name {
			v.Send.base = v.BaseURL
			return v.Send
		}
	}
	require.Fail(t, "no such vendor", name)
	return request{}
}

// send sends a body in which the number is still to be put in.
func (r request) send(t *testing.T, to, body, agent string) (status int) {
	t.Helper()
	body = strings.NewReplacer("NUMBER", to, "DIGITS", to[1:]).Replace(body)
	req, err := http.NewRequestWithContext(t.Context(), r.Method, r.base+r.Path, strings.NewReader(body))
	require.NoError(t, err)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("User-Agent", agent)
	for _, h := range r.Header {
		req.Header.Set(h[0], h[1])
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	return resp.StatusCode
}

// ok is the vendor's status for a code that was sent.
func (r request) ok() int {
	if strings.HasSuffix(r.base, "/insider") {
		return http.StatusAccepted
	}
	return http.StatusOK
}
