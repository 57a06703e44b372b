package phones_test

import (
	"context"
	"fmt"
	"net/http/httptest"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/otp"
)

// A program that runs the phones in its own process, and sends to one of them.
func Example() {
	desk, err := phones.New(phones.Options{Limit: 100})
	if err != nil {
		fmt.Println(err)
		return
	}
	defer desk.Close()
	server := httptest.NewServer(desk)
	defer server.Close()

	account := desk.Vendors()[0]
	client, err := insider.New(insider.Config{APIKey: account.Settings[0].Value, BaseURL: server.URL + account.Path})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := client.Send(context.Background(), otp.SendRequest{To: "+12025550123"})
	if err != nil {
		fmt.Println(err)
		return
	}
	code, ok := desk.Code("+12025550123")
	fmt.Println(account.Title, len(code), ok)
	fmt.Println(client.Verify(context.Background(), v, code))
	fmt.Println(desk.Reset())

	// Output:
	// Insider 6 true
	// <nil>
	// <nil>
}
