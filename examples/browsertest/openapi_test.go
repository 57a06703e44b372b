package browsertest

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/getkin/kin-openapi/openapi3filter"
	"github.com/getkin/kin-openapi/routers"
	"github.com/getkin/kin-openapi/routers/gorillamux"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// api checks what the simulator answers by its own description, and notes which answers it has
// seen.
type api struct {
	base   string
	doc    *openapi3.T
	router routers.Router
	seen   map[string]bool // "GET /api/messages 200"
}

func describedAPI(t *testing.T) *api {
	t.Helper()
	a := &api{base: "http://" + freeAddress(t), seen: make(map[string]bool)}
	run(t, a.base+"/api/health", "simulator", "-addr", strings.TrimPrefix(a.base, "http://"))
	resp, err := http.Get(a.base + "/api/openapi.json")
	require.NoError(t, err)
	defer resp.Body.Close()
	text, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	a.doc, err = openapi3.NewLoader().LoadFromData(text)
	require.NoError(t, err)
	require.NoError(t, a.doc.Validate(t.Context()), "a valid description, its examples included")
	a.doc.Servers = openapi3.Servers{{URL: a.base}}
	a.router, err = gorillamux.NewRouter(a.doc)
	require.NoError(t, err)
	return a
}

// call makes a request, and checks the answer. A request that is answered 200 has to be valid, too.
func (a *api) call(t *testing.T, want int, method, target, body string, headers ...string) {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel() // ends a stream
	req, err := http.NewRequestWithContext(ctx, method, a.base+target, strings.NewReader(body))
	require.NoError(t, err)
	if method != http.MethodGet {
		req.Header.Set("Content-Type", "application/json")
	}
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		req.Header.Set(name, value)
	}
	route, parameters, err := a.router.FindRoute(req)
	require.NoError(t, err, "%s %s is not described", method, target)
	request := &openapi3filter.RequestValidationInput{Request: req, PathParams: parameters, Route: route}
	if want == http.StatusOK {
		require.NoError(t, openapi3filter.ValidateRequest(ctx, request))
		req.Body = io.NopCloser(strings.NewReader(body))
	}
	resp, err := http.DefaultClient.Do(req)
	require.NoError(t, err)
	defer resp.Body.Close()
	name := fmt.Sprintf("%s %s %d", method, route.Path, resp.StatusCode)
	a.seen[name] = true
	answer := &openapi3filter.ResponseValidationInput{
		RequestValidationInput: request, Status: resp.StatusCode, Header: resp.Header,
		Options: &openapi3filter.Options{IncludeResponseStatus: true},
	}
	var text []byte
	if strings.HasPrefix(resp.Header.Get("Content-Type"), "text/event-stream") {
		answer.Options.ExcludeResponseBody = true
	} else {
		text, err = io.ReadAll(resp.Body)
		require.NoError(t, err)
	}
	answer.Body = io.NopCloser(bytes.NewReader(text))
	require.Equal(t, want, resp.StatusCode, "%s: %s", name, text)
	require.NoError(t, openapi3filter.ValidateResponse(ctx, answer), "%s: %s", name, text)
}

func TestDescriptionFitsTheAPI(t *testing.T) {
	a := describedAPI(t)
	p := program{phones: a.base}
	const to = "?to=%2B12025550123"

	for _, name := range []string{"insider", "kaleyra", "hypersender", "smsfactor"} {
		v := vendor(t, p, name)
		require.Equal(t, v.ok(), v.send(t, number, v.Body, "test"))
		require.Equal(t, 401, request{v.Method, v.Path, v.Body, nil, v.base}.send(t, number, v.Body, "test"))
		a.call(t, 200, "POST", "/api/faults", `{"vendor":"`+name+`","fault":"cut","to":"`+number+`","on":"send","times":2}`)
	}
	for _, target := range []string{
		"messages", "messages" + to + "&limit=1&find=555", "codes/next" + to, "codes/next" + to + "&after=1&timeout=10s", "traffic",
		"traffic" + to + "&limit=0", "events", "events" + to, "faults", "faults" + to, "quirks", "clock", "config", "health", "openapi.json",
	} {
		a.call(t, 200, "GET", "/api/"+target, "")
	}
	for _, path := range slices.Sorted(maps.Keys(a.doc.Paths.Map())) { // reset comes last
		post := a.doc.Paths.Find(path).Post
		if post == nil {
			continue
		}
		example, err := json.Marshal(post.RequestBody.Value.Content.Get("application/json").Example)
		require.NoError(t, err)
		a.call(t, 200, "POST", path, string(example))
		a.call(t, 400, "POST", path, `{"no such field":1}`)
		a.call(t, 415, "POST", path, string(example), "Content-Type: text/plain")
	}
	for target, body := range map[string]string{
		"faults": `{"vendor":"kaleyra","fault":"none"}`,
		"clock":  `{"set":"2030-01-31T12:00:00Z"}`,
		"reset":  `{}`,
	} {
		a.call(t, 200, "POST", "/api/"+target, body)
	}
	a.call(t, 400, "GET", "/api/messages?limit=x", "")
	a.call(t, 400, "GET", "/api/traffic?limit=x", "")
	a.call(t, 400, "GET", "/api/codes/next?to=", "")
	a.call(t, 404, "GET", "/api/codes/next?timeout=1ms&to=%2B1", "")
	for path, item := range a.doc.Paths.Map() {
		for method := range item.Operations() {
			a.call(t, 403, method, path, `{}`, "Origin: https://elsewhere.example")
		}
	}

	for path, item := range a.doc.Paths.Map() {
		for method, operation := range item.Operations() {
			for status := range operation.Responses.Map() {
				if status != "503" { // when the program ends, and beside 4,000 other streams
					assert.Contains(t, a.seen, method+" "+path+" "+status, "is described, and was not met")
				}
			}
		}
	}
}
