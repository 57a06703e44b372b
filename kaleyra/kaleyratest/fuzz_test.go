package kaleyratest_test

import (
	"encoding/json"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
)

// Whatever comes in, what goes out is JSON with one of three shapes, and nothing panics.
func FuzzBody(f *testing.F) {
	for _, body := range []string{
		sendBody, `{}`, `[]`, validateBody(noSuchID, "123456"), `{"verify_id":{},"otp":[1e999],"to":{"mobile":7}}`, "\x00",
	} {
		f.Add("", body)
		f.Add("/validate", body)
	}
	srv := kaleyratest.NewHandler()
	f.Cleanup(srv.Close)

	f.Fuzz(func(t *testing.T, path, body string) {
		r := httptest.NewRequest("POST", "/v1/"+srv.SID+"/verify", strings.NewReader(body))
		r.URL.Path += path
		r.Header.Set("api-key", srv.APIKey)
		w := httptest.NewRecorder()
		srv.ServeHTTP(w, r)

		var answer struct {
			Data    struct{ Verify_id string } //nolint:staticcheck // encoding/json ignores case, not underscores
			Error   struct{ Code, Type, Message string }
			Message string
		}
		if err := json.Unmarshal(w.Body.Bytes(), &answer); err != nil {
			t.Fatalf("%d %q: %v", w.Code, w.Body, err)
		}
		accepted, refused := answer.Data.Verify_id != "", answer.Error.Code != "" && answer.Error.Type != "" && answer.Error.Message != ""
		if shapes := count(accepted, refused, answer.Message != ""); shapes != 1 || accepted != (w.Code == 200) {
			t.Fatalf("%d with %q", w.Code, w.Body)
		}
	})
}

func count(conditions ...bool) (n int) {
	for _, is := range conditions {
		if is {
			n++
		}
	}
	return n
}
