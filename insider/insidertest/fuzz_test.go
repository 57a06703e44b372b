package insidertest_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otp-sdk/otp-go/insider/insidertest"
)

// Whatever comes in, what goes out is JSON with a documented shape, and nothing panics.
func FuzzBody(f *testing.F) {
	for _, body := range []string{smsBody, whatsAppBody, `{}`, `[]`, `{"to":"+905321234567","code":67}`, `{"channel":{},"to":[1e999]}`, "\x00"} {
		f.Add("generate", body)
		f.Add("check", body)
	}
	f.Add("channel/create", `{"channel":"sms","brandName":"Acme"}`)
	f.Add("template/update", `{"channel":"sms","locale":"en","text":"{code}"}`)
	srv := insidertest.NewHandler()
	f.Cleanup(srv.Close)

	f.Fuzz(func(t *testing.T, operation, body string) {
		r := httptest.NewRequest("POST", "/v1/", strings.NewReader(body))
		r.URL.Path += operation
		r.Header.Set("X-INS-AUTH-KEY", srv.APIKey)
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, r)

		var answer struct {
			Errors []struct{ Message, Field string }
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%d %q: %v", w.Code, w.Body, err)
		}
		if refused := w.Code/100 != 2; refused != (len(answer.Errors) == 1 && answer.Errors[0].Message != "") {
			t.Fatalf("%d with %q", w.Code, w.Body)
		}
	})
}
