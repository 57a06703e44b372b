package otptest_test

import (
	"fmt"
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// saidOf is what one cell of the table of faults says about a provider.
func saidOf(t *testing.T, h otptest.FaultHarness, cell string) []string {
	t.Helper()
	return recorded(t, func(r *recorder) { assert.True(t, otptest.RunFault(r, h, cell), "no fault %q", cell) })
}

func TestFaultsKillCarelessProviders(t *testing.T) {
	for name, test := range map[string]struct {
		mistakes careless
		killers  []string
	}{
		"any 2xx sends": {careless{anyStatusSends: true}, []string{
			`a spoilt success: of ""/send`, "a spoilt success: in a web page/send", "204/send",
		}},
		"any 2xx verifies": {careless{anyStatusVerifies: true}, []string{
			`a spoilt success: of "{}"/verify`, `a spoilt success: of ""/verify`, "a spoilt success: in a web page/verify", "204/verify",
		}},
		"it reads JSON loosely": {careless{looseJSON: true}, []string{
			"a spoilt success: in capitals/verify", "a spoilt success: twice, the second right/verify", "a spoilt success: beside an error, object/verify",
			"a spoilt success: beside an error, object/send", "a spoilt success: with more after it/verify",
		}},
		"it compares no reference":  {careless{unknownReference: true}, []string{"a spoilt success: about somebody else/verify"}},
		"a bad key is a wrong code": {careless{rejectsOn: on(401, 403)}, []string{"401: nothing/verify", "403: a web page/verify"}},
		"an outage is a wrong code": {careless{rejectsOn: on(500, 503)}, []string{"500: nothing/verify", "503: own words, unlisted/verify"}},
		"a gateway's 404 is a verdict": {careless{rejectsOn: on(404)}, []string{
			"404: a web page/verify", "404 of a framework: 1/verify",
		}},
		"a rate limit is a verdict": {careless{rejectsOn: on(429)}, []string{"429, then success/verify"}},
		"it repeats after failures": {careless{retries: always}, []string{
			"500: nothing/send", "504: a web page/verify", "closed after reading/send", "a success under the wrong status: 500/send", "429, then 500/send",
		}},
		"it is sure after failures": {careless{certain: notSent}, []string{
			"500: an empty object/send", "reset after reading/verify", "401: nothing/verify", "a success under the wrong status: 400/send",
		}},
		"it follows redirects": {careless{follows: true}, []string{"307/send", "302/verify"}},
		"it speaks HTTP/2":     {careless{follows: true}, []string{"HTTP/2 that resets after the body/send"}},
		"it reads without end": {careless{wholeBody: true}, []string{"2xx, endless/send", "2xx, a gzip bomb/verify"}},
		"it has no deadline":   {careless{ignoresContext: true}, []string{"no answer/send"}},
		"it leaks goroutines":  {careless{leaks: true}, []string{"500: nothing/send"}},
		"it forgets":           {careless{forgets: true}, []string{"500: nothing/send"}},
		"it logs requests":     {careless{logs: true}, []string{"500: nothing/send", "429, then success/verify"}},
		"it shows its key":     {careless{shows: showKey}, []string{"422: nothing/send"}},
		"it shows bodies": {careless{shows: func(err *otp.Error, body string, _ *http.Request) { err.Message = body }}, []string{
			"400: own words, echoing/send", "401: own words, echoing/verify", "500: own words, echoing/verify",
		}},
		"it shows bodies deep in": {careless{shows: func(err *otp.Error, body string, _ *http.Request) {
			err.Err = fmt.Errorf("refused: %w", hiding{Body: body})
		}}, []string{"422: own words, echoing/verify"}},
		"it shows much": {careless{shows: func(err *otp.Error, body string, _ *http.Request) {
			err.Message = string(make([]byte, len(body)/100))
		}}, []string{`100,000 errors: texts/send`}},
		"it mistakes kinds": {careless{shows: func(err *otp.Error, _ string, _ *http.Request) { err.Kind = otp.ErrInvalidRequest }}, []string{
			"401: nothing/send", "402: nothing/verify", "429 for ever/send", "500: nothing/send", "407: a web page/send",
		}},
		"it loses Retry-After": {careless{shows: func(err *otp.Error, _ string, _ *http.Request) { err.RetryAfter = 0 }}, []string{
			"429 with Retry-After: 3600/send",
		}},
	} {
		for _, killer := range test.killers {
			t.Run(name+"/"+killer, func(t *testing.T) {
				t.Parallel()
				assert.NotEmpty(t, saidOf(t, faultHarness(test.mistakes), killer))
			})
		}
	}
}

// hiding shows what it holds only to those who print its fields.
type hiding struct{ Body string }

func (hiding) Error() string { return "hidden" }
