package smsfactortest_test

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/otp/otpsim"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// call is a request as a program in any language would make it: only the address and the two
// credentials are needed.
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

	srv.Fail(otpsim.AfterAccepting(500).On("generate"))
	status, _ := call(srv, http.MethodPost, "/service/otp/generate", `{"phone_number":"+33611223344"}`)
	fmt.Println("answered", status, "and sent", len(srv.Inbox.All()), "text")

	// Output: answered 500 Internal Server Error and sent 1 text
}

// An account out of credit, for one number: testers who share a simulator do not disturb each
// other.
func ExampleError() {
	srv := smsfactortest.NewServer()
	defer srv.Close()

	srv.Fail(smsfactortest.Error(400, 104).To("+33600000104").Always())
	status, answer := call(srv, http.MethodPost, "/service/otp/generate", `{"phone_number":"+33600000104"}`)
	fmt.Println(status, string(answer))
	status, _ = call(srv, http.MethodPost, "/service/otp/generate", `{"phone_number":"+33611223344"}`)
	fmt.Println(status)

	// Output:
	// 400 Bad Request {"code":104,"message":"Not enough credit."}
	// 200 OK
}
