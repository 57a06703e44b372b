package smsfactor_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

// The simulator reports to the handler over the loopback interface, as the vendor does over the internet.
func ExampleNewReceiver() {
	mux := http.NewServeMux()
	shop := httptest.NewServer(mux) // your server, https://shop.example
	defer shop.Close()
	arrived := make(chan string, 10)
	matcher := otp.NewReceiptMatcher(func(_ context.Context, v otp.Verification, r otp.Receipt) error {
		arrived <- fmt.Sprint(otp.Mask(v.To), " ", r.Status)
		return nil
	})
	receiver, err := smsfactor.NewReceiver(smsfactor.ReceiverConfig{
		PublicURL:  shop.URL + "/receipts/octopush",
		URLSecrets: []string{strings.Repeat("u", 43)}, // 32 random bytes, from where you keep your secrets
	}, matcher.Receive)
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.Handle("/receipts/octopush/", receiver)

	srv := smsfactortest.NewServer(smsfactortest.WithReceipts(receiver.URL())) // in the client area
	defer srv.Close()
	client, err := smsfactor.New(smsfactor.Config{APILogin: srv.APILogin, APIKey: srv.APIKey, BaseURL: srv.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	var ticket string // receipts have it, and not the token that Verification.ID is
	v, err := client.Send(context.Background(), otp.SendRequest{
		To: "+33611223344", Options: []otp.SendOption{smsfactor.Ticket(&ticket)},
	})
	fmt.Println(err, matcher.Sent(context.Background(), v, ticket))
	fmt.Println(<-arrived)
	fmt.Println(<-arrived)
	// Output:
	// <nil> <nil>
	// +336*****44 sent
	// +336*****44 delivered
}
