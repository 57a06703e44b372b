package insider_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
)

// The simulator reports to the handler over the loopback interface, as the vendor does over the internet.
func ExampleNewReceiver() {
	mux := http.NewServeMux()
	shop := httptest.NewServer(mux) // your server, https://shop.example
	defer shop.Close()
	arrived := make(chan otp.Receipt, 10)
	receiver, err := insider.NewReceiver(insider.ReceiverConfig{
		PublicURL:  shop.URL + "/receipts/insider",
		URLSecrets: []string{strings.Repeat("u", 43)}, // 32 random bytes, from where you keep your secrets
	}, func(_ context.Context, r otp.Receipt) error {
		arrived <- r // store r.Status under r.Provider and r.ID, if it is After the stored one
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.Handle("/receipts/insider/", receiver)

	srv := insidertest.NewServer()
	defer srv.Close()
	client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := client.Send(context.Background(), otp.SendRequest{
		To: "+905321234567", Options: []otp.SendOption{insider.ReportTo(receiver)},
	})
	fmt.Println(v.Channel, err)
	for range 2 {
		r := <-arrived
		fmt.Println(r.Status, r.ID == v.ID)
	}
	// Output:
	// sms <nil>
	// sent true
	// delivered true
}
