package smsfactortest_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// Whatever comes in, what goes out is JSON with a documented shape, and nothing panics.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		bareBody, `{}`, `[]`, `null`, "\x00", byNumber("123456"), with(`"code_length":1e999,"text":"{code}{hh:mm:ss}"`),
		with(`"allow_digits":0,"sender":[],"channel":{},"recipient_ip":"::1"`), `{"phone_number":{},"code":[1]}`,
	} {
		f.Add(false, false, body)
		f.Add(true, true, body)
	}
	servers := map[bool]*smsfactortest.Server{}
	for _, strict := range []bool{false, true} {
		servers[strict] = smsfactortest.NewHandler(quirk(smsfactortest.Quirks{Strict: strict}))
		f.Cleanup(servers[strict].Close)
	}

	f.Fuzz(func(t *testing.T, strict, validate bool, body string) {
		method, path := "POST", generatePath
		if validate {
			method, path = "PUT", validatePath
		}
		r := httptest.NewRequest(method, path, strings.NewReader(body))
		r.Header.Set("api-login", servers[strict].APILogin)
		r.Header.Set("api-key", servers[strict].APIKey)
		w := httptest.NewRecorder()
		servers[strict].ServeHTTP(w, r)

		answer := struct {
			Code    int
			Message string
			Token   string `json:"otp_request_token"`
		}{Code: -1}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%d %q: %v", w.Code, w.Body, err)
		}
		refused := w.Code/100 != 2
		if answer.Message == "" || refused != (answer.Code > 0) || refused && answer.Token != "" || !refused && !validate && answer.Token == "" {
			t.Fatalf("%d with %q", w.Code, w.Body)
		}
	})
}
