package otpconfig_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// A readiness check fails while a key is refused, or a vendor cannot be reached.
func ExampleDoctor() {
	vendor := insidertest.NewServer()
	defer vendor.Close()
	cfg, err := otpconfig.Parse(fmt.Appendf(nil, "providers: {main: {vendor: insider, api_key: an-old-key, base_url: %s}}", vendor.URL), "yaml")
	printError(err)
	provider, err := cfg.Provider()
	printError(err)

	doctor := otpconfig.Doctor{Checks: []otpconfig.Check{{
		Name: "redis", Run: func(context.Context) ([]string, error) { return nil, nil }, // otpredis.Check
	}}}
	ready := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := doctor.Examine(r.Context(), cfg, provider).Err(); err != nil {
			http.Error(w, err.Error(), http.StatusServiceUnavailable)
		}
	})
	answer := httptest.NewRecorder()
	ready.ServeHTTP(answer, httptest.NewRequest(http.MethodGet, "/ready", nil))
	fmt.Print(answer.Code, " ", answer.Body)
	// Output:
	// 503 main: answer: the vendor refuses the key, or base_url is not the vendor's: main: verify: unauthorized (401): "unauthorized"
}
