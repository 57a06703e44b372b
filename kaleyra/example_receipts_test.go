package kaleyra_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
)

// The simulator reports to the handler over the loopback interface, as the vendor does over the internet.
func ExampleNewReceiver() {
	mux := http.NewServeMux()
	shop := httptest.NewServer(mux) // your server, https://shop.example
	defer shop.Close()
	arrived, secret := make(chan otp.Receipt, 10), strings.Repeat("h", 43)
	receiver, err := kaleyra.NewReceiver(kaleyra.ReceiverConfig{
		PublicURL:     shop.URL + "/receipts/kaleyra",
		URLSecrets:    []string{strings.Repeat("u", 43)}, // 32 random bytes, from where you keep your secrets
		HeaderSecrets: []string{secret},                  // others, which the callback profile sends
	}, func(_ context.Context, r otp.Receipt) error {
		arrived <- r
		return nil
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux.Handle("/receipts/kaleyra/", receiver)

	const profile = "IN_00000000-0000-4000-8000-000000000002" // made in the dashboard
	srv := kaleyratest.NewServer(kaleyratest.WithReceipts(profile, receiver.URL(), kaleyra.ReceiptHeader, secret))
	defer srv.Close()
	client, err := kaleyra.New(kaleyra.Config{
		SID: srv.SID, APIKey: srv.APIKey, BaseURL: srv.URL, SMSSender: "EXAMPL", SMSCallbackProfileID: profile,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	resp, err := client.SendSMS(context.Background(), otp.Text{To: "+905321234567", Body: "123456 is your code."})
	fmt.Println(err)
	for range 2 {
		r := <-arrived
		fmt.Println(r.Status, r.VendorCode, r.ID == resp.ID)
	}
	// Output:
	// <nil>
	// sent SUBMITTED true
	// delivered DELIVRD true
}
