package insidertest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// A program in any language would do the same: only the address and the key are needed.
func Example() {
	srv := insidertest.NewServer()
	defer srv.Close()

	post := func(path string, body any) string {
		data, err := json.Marshal(body)
		if err != nil {
			return err.Error()
		}
		req, err := http.NewRequest(http.MethodPost, srv.URL+path, bytes.NewReader(data))
		if err != nil {
			return err.Error()
		}
		req.Header.Set("X-INS-AUTH-KEY", srv.APIKey)
		req.Header.Set("Content-Type", "application/json")
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			return err.Error()
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			return err.Error()
		}
		return resp.Status + " " + string(answer)
	}

	const phone = "+905321234567"
	srv.Clock.Set(time.Date(2026, 1, 2, 12, 0, 0, 0, time.UTC))
	fmt.Println(post("/v1/generate", map[string]any{"channel": "sms", "to": phone}))

	code, _ := srv.Code(phone)
	fmt.Println(len(code), "digits")
	fmt.Println(post("/v1/check", map[string]any{"to": phone, "code": code}))
	fmt.Println(post("/v1/check", map[string]any{"to": phone, "code": code}))

	// Output:
	// 202 Accepted {"channel":"sms","dateCreated":"2026-01-02T12:00:00Z","dateUpdated":"2026-01-02T12:00:00Z","locale":"en","maxAttempts":3,"ttl":180}
	// 4 digits
	// 202 Accepted {"status":"success"}
	// 404 Not Found {"errors":[{"message":"code not found","field":"code"}]}
}

// The text goes out, the answer gets lost: a client must not send it again.
func ExampleServer_Fail() {
	srv := insidertest.NewServer()
	defer srv.Close()

	srv.Fail(otpsim.AfterAccepting(500).On("generate"))
	req, _ := http.NewRequest(http.MethodPost, srv.URL+"/v1/generate",
		bytes.NewReader([]byte(`{"channel":"whatsapp","to":"+905321234567"}`)))
	req.Header.Set("X-INS-AUTH-KEY", srv.APIKey)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println("answered", resp.StatusCode, "and sent", len(srv.Inbox.All()), "text")

	// Output: answered 500 and sent 1 text
}
