package smsfactortest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// call is a request as a program in any language would make it: only the address and the two credentials are
// needed.
func call(srv *smsfactortest.Server, method, path, body string) (status string, answer []byte) {
	req, err := http.NewRequest(method, srv.URL+path, strings.NewReader(body))
	if err != nil {
		return err.Error(), nil
	}
	req.Header.Set("api-login", srv.APILogin)
	req.Header.Set("api-key", srv.APIKey)
	req.Header.Set("Content-Type", "application/json")
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return err.Error(), nil
	}
	defer resp.Body.Close()
	answer, _ = io.ReadAll(resp.Body)
	return resp.Status, answer
}

func Example() {
	srv := smsfactortest.NewServer()
	defer srv.Close()

	const phone = "+33611223344"
	status, answer := call(srv, http.MethodPost, "/service/otp/generate", `{"phone_number":"`+phone+`","text":"Your code: "}`)
	var sent struct {
		Code  int    `json:"code"`
		Token string `json:"otp_request_token"`
	}
	if err := json.Unmarshal(answer, &sent); err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(status, "with code", sent.Code, "and a token of", len(sent.Token), "characters")

	code, _ := srv.Code(phone)
	fmt.Println(len(code), "digits")
	body := `{"code":"` + code + `","otp_request_token":"` + sent.Token + `"}`
	for range 2 {
		status, answer = call(srv, http.MethodPut, "/service/otp/validate", body)
		fmt.Println(status, string(answer))
	}

	// Output:
	// 200 OK with code 0 and a token of 28 characters
	// 6 digits
	// 200 OK {"code":0,"message":"success"}
	// 400 Bad Request {"code":198,"message":"OTP request not found."}
}

// The text goes out, the answer gets lost: a client must not send it again.
func ExampleServer_Fail() {
	srv := smsfactortest.NewServer()
	defer srv.Close()

	srv.Fail(smsfactortest.AfterAccepting(500).On("generate"))
	status, _ := call(srv, http.MethodPost, "/service/otp/generate", `{"phone_number":"+33611223344"}`)
	fmt.Println("answered", status, "and sent", len(srv.Inbox.All()), "text")

	// Output: answered 500 Internal Server Error and sent 1 text
}

// A wrong channel and a misspelled field do not keep the service from sending: only Sent tells.
func ExampleServer_Sent() {
	srv := smsfactortest.NewServer()
	defer srv.Close()

	const phone = "+33611223344"
	status, _ := call(srv, http.MethodPost, "/service/otp/generate",
		`{"phone_number":"`+phone+`","channel":"pigeon","code-length":8,"sender":"My Brand"}`)
	sending, _ := srv.Sent(phone)
	fmt.Println(status, sending.Settings.Channel, sending.Settings.CodeLength, sending.Settings.Sender)
	fmt.Println("ignored", sending.Ignored, "repaired", sending.Repaired)

	// Output:
	// 200 OK sms 6 MyBrand
	// ignored [channel code-length] repaired [sender]
}

func ExampleWithFailure() {
	srv := smsfactortest.NewServer(smsfactortest.WithFailure("+33600000104", smsfactortest.OutOfCredit))
	defer srv.Close()

	status, answer := call(srv, http.MethodPost, "/service/otp/generate", `{"phone_number":"+33600000104"}`)
	fmt.Println(status, string(answer))

	// Output: 400 Bad Request {"code":104,"message":"Not enough credit."}
}
