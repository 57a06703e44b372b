package otpsim_test

import (
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const twoCalls = `{"log": {"entries": [
	{"_template": "/v1/{sid}/verify",
	 "request": {"method": "POST", "url": "https://api.vendor.example/v1/account-1/verify"},
	 "response": {"status": 202, "headers": [{"name": "content-type", "value": "application/vnd.acme+json"}, {"name": "Retry-After", "value": "7"},
		{"name": "Content-Encoding", "value": "gzip"}], "content": {"text": "{\"id\":\"id-1\"}"}}},
	{"request": {"method": "GET", "url": "https://api.vendor.example/v1/status?x=1"},
	 "response": {"status": 404, "headers": [], "content": {"text": "no"}}}
]}}`

// archived is the path of a recording.
func archived(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recording.har")
	require.NoError(t, os.WriteFile(path, []byte(text), 0o600))
	return path
}

// asking makes a request, and returns the status and the body of its answer.
func asking(t *testing.T, method, url string) (resp *http.Response, body string) {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, url, strings.NewReader("{}"))
	require.NoError(t, err)
	resp, err = new(http.Client).Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	data, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return resp, string(data)
}

func replaying(t *testing.T, text string) *otpsim.Recording {
	t.Helper()
	r, err := otpsim.Replay(archived(t, text))
	require.NoError(t, err)
	t.Cleanup(r.Close)
	return r
}

func TestReplayAnswersInOrder(t *testing.T) {
	r := replaying(t, twoCalls)
	resp, body := asking(t, "POST", r.URL+"/v1/ANYTHING/verify")
	assert.Equal(t, 202, resp.StatusCode)
	assert.Equal(t, `{"id":"id-1"}`, body)
	assert.Equal(t, "application/vnd.acme+json", resp.Header.Get("Content-Type"))
	assert.Equal(t, "7", resp.Header.Get("Retry-After"))
	assert.Empty(t, resp.Header.Get("Content-Encoding"))
	require.EqualError(t, r.Err(), "otpsim: GET /v1/status (log.entries[1]) was never asked for")
	resp, body = asking(t, "GET", r.URL+"/v1/status")
	assert.Equal(t, 404, resp.StatusCode)
	assert.Equal(t, "no", body)
	require.NoError(t, r.Err())
	assert.Len(t, r.Requests(), 2)
}

func TestReplayOfPathsThatOverlap(t *testing.T) {
	entry := func(path, text string) string {
		return `{"_template":"` + path + `","request":{"method":"GET","url":"/"},"response":{"status":200,"content":{"text":"` + text + `"}}}`
	}
	r := replaying(t, `{"log":{"entries":[`+entry("/v1/{id}", "one")+","+entry("/v1/status", "two")+","+entry("/v1/{other}", "three")+`]}}`)
	for _, want := range []string{"one", "two", "three"} {
		_, body := asking(t, "GET", r.URL+"/v1/status")
		assert.Equal(t, want, body)
	}
	require.NoError(t, r.Err())
}

func TestReplaySaysWhatDoesNotMatch(t *testing.T) {
	for name, test := range map[string]struct{ method, path, want string }{
		"another order":  {"GET", "/v1/status", "otpsim: the recording has POST /v1/{sid}/verify (log.entries[0]), and GET /v1/status was asked for"},
		"another path":   {"POST", "/v2/x/verify", "and POST /v2/x/verify was asked for"},
		"another method": {"PUT", "/v1/x/verify", "and PUT /v1/x/verify was asked for"},
		"a longer path":  {"POST", "/v1/x/y/verify", "and POST /v1/x/y/verify was asked for"},
	} {
		r := replaying(t, twoCalls)
		resp, body := asking(t, test.method, r.URL+test.path)
		assert.Equal(t, http.StatusNotImplemented, resp.StatusCode, name)
		assert.Contains(t, body, "not the next request of the recording")
		require.ErrorContains(t, r.Err(), test.want, name)
		resp, _ = asking(t, "POST", r.URL+"/v1/x/verify") // the order goes on where it was
		assert.Equal(t, 202, resp.StatusCode, name)
	}
	r := replaying(t, twoCalls)
	asking(t, "POST", r.URL+"/v1/x/verify")
	asking(t, "GET", r.URL+"/v1/status")
	asking(t, "GET", r.URL+"/v1/status")
	require.EqualError(t, r.Err(), "otpsim: the recording has no more, and GET /v1/status was asked for")
}

func TestReplayRefusesWhatIsNoRecording(t *testing.T) {
	entry := func(request, response string) string {
		return `{"log":{"entries":[{"request":` + request + `,"response":` + response + `}]}}`
	}
	const request, response = `{"method":"POST","url":"https://h.example/x"}`, `{"status":200}`
	for want, text := range map[string]string{
		"is no HTTP archive: ":                   "<html>",
		"is no HTTP archive, or has no entries":  "{}",
		"log.entries[0]: request.url must":       entry(`{"method":"POST","url":"https://h.example"}`, response),
		"log.entries[0]: request must have":      entry(`{"method":"post","url":"https://h.example/x"}`, response),
		"a path that begins":                     entry(`{"method":"POST","url":"https://h.example/{}"}`, response),
		"log.entries[0]: response.status must":   entry(request, `{"status":0}`),
		"response.content must have no encoding": entry(request, `{"status":200,"content":{"encoding":"base64","text":"bm8="}}`),
		"request.url must have a path":           entry(`{"method":"POST","url":":"}`, response),
		"cannot unmarshal string into Go struct": entry(request, `{"status":"200"}`),
	} {
		_, err := otpsim.Replay(archived(t, text))
		require.ErrorContains(t, err, want)
	}
	_, err := otpsim.Replay("no-such-file.har")
	require.ErrorContains(t, err, "otpsim: replay of no-such-file.har: open")
}
