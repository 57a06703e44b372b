package hypersender_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/otp"
)

// The vendor reports the result of a link to the URLs of the request, and nowhere else.
func ExampleCallbacks() {
	mux := http.NewServeMux()
	shop := httptest.NewServer(mux) // your server, https://shop.example
	defer shop.Close()
	arrived := make(chan otp.Receipt, 10)
	receiver, err := hypersender.NewReceiver(hypersender.ReceiverConfig{
		PublicURL:  shop.URL + "/receipts/hypersender",
		URLSecrets: []string{strings.Repeat("u", 43)}, // 32 random bytes, from where you keep your secrets
	}, func(_ context.Context, r otp.Receipt) error {
		arrived <- r
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.Handle("/receipts/hypersender/", receiver)

	srv := hypersendertest.NewServer()
	defer srv.Close()
	client, err := hypersender.New(hypersender.Config{
		Instance: srv.Instance, Token: srv.Token, AppName: "Shop", BaseURL: srv.URL,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	callback, reference := hypersender.Callbacks(receiver) // keep the reference beside the session
	link, err := client.GenerateLink(context.Background(), hypersender.GenerateLinkRequest{
		Message: hypersender.LinkMessage{
			Prompt: "Sign me in", Success: "Welcome", Failed: "Please try again", Expired: "Too late",
		},
		Callback: callback,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	srv.FinishLink(link.UUID, true) // in real life, the person opens link.WhatsAppLink and sends the message
	r := <-arrived
	fmt.Println(r.Status, r.ID == reference)
	// Output:
	// verified true
}
