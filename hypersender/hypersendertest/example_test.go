package hypersendertest_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// post calls an operation as a program in any language would: with the address, the instance and
// the token.
func post(srv *hypersendertest.Server, operation, body string) (status int, answer string, err error) {
	req, err := http.NewRequest(http.MethodPost, srv.URL+"/"+srv.Instance+"/"+operation, strings.NewReader(body))
	if err != nil {
		return 0, "", err
	}
	req.Header.Set("Authorization", "Bearer "+srv.Token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	resp, err := new(http.Client).Do(req)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = resp.Body.Close() }()
	text, err := io.ReadAll(resp.Body)
	return resp.StatusCode, string(text), err
}

func Example() {
	srv := hypersendertest.NewServer()
	defer srv.Close()

	status, _, err := post(srv, "request-code", `{"chatId":"20123456789@c.us","length":6,"useLetter":false,
		"useNumber":true,"allCapital":false,"name":"hypersender","expires":1800}`)
	fmt.Println(status, err)

	code, _ := srv.Code("+20123456789")
	fmt.Println(len(code), "digits")
	check := `{"chatId":"20123456789@c.us","code":"` + code + `"}`
	status, _, err = post(srv, "validate-code", check)
	fmt.Println(status, err)
	fmt.Println(post(srv, "validate-code", check))

	// Output:
	// 200 <nil>
	// 6 digits
	// 200 <nil>
	// 422 {"success":false,"message":"OTP code has already been used"} <nil>
}

// A code that is not accepted may come with a 200: a client must not go by the status alone.
func ExampleWithQuirks() {
	srv := hypersendertest.NewServer(hypersendertest.WithQuirks(hypersendertest.Quirks{RejectWith200: true}))
	defer srv.Close()

	fmt.Println(post(srv, "validate-code", `{"chatId":"20123456789@c.us","code":"123456"}`))

	// Output: 200 {"success":false,"message":"No active OTP found for this chat"} <nil>
}

// The message goes out, the answer gets lost: a client must not send it again.
func ExampleServer_Fail() {
	srv := hypersendertest.NewServer()
	defer srv.Close()

	srv.Fail(otpsim.AfterAccepting(500).On("request-code"))
	status, _, err := post(srv, "request-code", `{"chatId":"20123456789@c.us","allCapital":false,"name":"Acme"}`)
	fmt.Println("answered", status, err, "and sent", len(srv.Inbox.All()), "message")

	// Output: answered 500 <nil> and sent 1 message
}
