package vendorkit_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// Acme reports {"id":"c1","state":"landed"} to a URL that its customers enter.
func ExampleNewReceiver() {
	receiver, err := vendorkit.NewReceiver(acme, vendorkit.ReceiverConfig{
		PublicURL: "https://shop.example/receipts/acme", URLSecrets: []string{strings.Repeat("u", 43)},
	}, func(_ context.Context, r otp.Receipt) error {
		fmt.Println(r.Provider, r.ID, r.Status)
		return nil
	}, vendorkit.Hook{
		Methods: []string{http.MethodPost},
		Read: func(c vendorkit.HookCall) (otp.Receipt, error) {
			body, err := c.Object()
			r := otp.Receipt{ID: body.Text("id"), VendorStatus: body.Text("state")}
			if r.VendorStatus == "landed" {
				r.Status = otp.ReceiptDelivered
			}
			return r, err
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	for range 2 { // the second changes nothing
		req := httptest.NewRequest(http.MethodPost, receiver.URL(), strings.NewReader(`{"id":"c1","state":"landed"}`))
		receiver.ServeHTTP(httptest.NewRecorder(), req)
	}
	fmt.Printf("%+v", receiver.Stats())
	// Output:
	// acme c1 delivered
	// {Taken:1 Repeated:1 Unreadable:0 Refused:0 Failed:0}
}
