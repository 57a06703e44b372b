package kaleyratest_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// A program in any language would do the same: only the address, the SID and the key are needed.
func Example() {
	srv := kaleyratest.NewServer()
	defer srv.Close()
	client := &http.Client{}
	defer client.CloseIdleConnections()

	post := func(operation string, body any) []byte {
		data, err := json.Marshal(body)
		if err != nil {
			return []byte(err.Error())
		}
		req, err := http.NewRequest(http.MethodPost, srv.URL+"/v1/"+srv.SID+operation, bytes.NewReader(data))
		if err != nil {
			return []byte(err.Error())
		}
		req.Header.Set("api-key", srv.APIKey)
		req.Header.Set("Content-Type", "application/json")
		resp, err := client.Do(req)
		if err != nil {
			return []byte(err.Error())
		}
		defer resp.Body.Close()
		answer, err := io.ReadAll(resp.Body)
		if err != nil {
			return []byte(err.Error())
		}
		return answer
	}

	const phone = "+12025550123"
	var sent struct {
		Data struct {
			VerifyID string `json:"verify_id"`
			To       struct {
				Mobile string `json:"mobile"`
			} `json:"to"`
		} `json:"data"`
	}
	answer := post("/verify", map[string]any{"flow_id": srv.FlowID, "to": map[string]string{"mobile": phone}})
	if err := json.Unmarshal(answer, &sent); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("sent to", sent.Data.To.Mobile)

	code, _ := srv.Code(phone)
	fmt.Println(len(code), "digits")
	typed := map[string]string{"verify_id": sent.Data.VerifyID, "otp": code}
	fmt.Println(bytes.Contains(post("/verify/validate", typed), []byte("OTP verified successfully.")))
	fmt.Println(string(post("/verify/validate", typed)))

	// Output:
	// sent to 12025550123
	// 6 digits
	// true
	// {"error":{"code":"E910","type":"validation_error","parameter":"","message":"OTP already verified","reference":""}}
}

// The text goes out, the answer gets lost: a client must not send it again.
func ExampleServer_Fail() {
	srv := kaleyratest.NewServer()
	defer srv.Close()
	client := &http.Client{}
	defer client.CloseIdleConnections()

	srv.Fail(otpsim.AfterAccepting(500).On("generate"))
	req, err := http.NewRequest(http.MethodPost, srv.URL+"/v1/"+srv.SID+"/verify",
		bytes.NewReader([]byte(`{"to":{"mobile":"+12025550123"}}`)))
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("api-key", srv.APIKey)
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	fmt.Println("answered", resp.StatusCode, "and sent", len(srv.Inbox.All()), "text")

	// Output: answered 500 and sent 1 text
}

// An account with two flows: one for people who read a text, one whose codes go out by e-mail as
// well.
func ExampleWithFlow() {
	srv := kaleyratest.NewServer(
		kaleyratest.WithFlow(kaleyratest.Flow{Default: true, Length: 4}),
		kaleyratest.WithFlow(kaleyratest.Flow{ID: "f55b8994-7b69-47af-9ef2-1fdee4295e2b", Channels: []string{"sms", "email"}}),
	)
	defer srv.Close()
	client := &http.Client{}
	defer client.CloseIdleConnections()

	body := `{"flow_id":"f55b8994-7b69-47af-9ef2-1fdee4295e2b","to":{"mobile":"+12025550123","email":"user@example.com"}}`
	req, err := http.NewRequest(http.MethodPost, srv.URL+"/v1/"+srv.SID+"/verify", bytes.NewReader([]byte(body)))
	if err != nil {
		fmt.Println(err)
		return
	}
	req.Header.Set("api-key", srv.APIKey)
	resp, err := client.Do(req)
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	for _, m := range srv.Inbox.All() {
		fmt.Println(m.Channel, m.To, len(m.Code))
	}

	// Output:
	// sms +12025550123 6
	// email user@example.com 6
}
