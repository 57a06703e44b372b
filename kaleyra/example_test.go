package kaleyra_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/otp-sdk/otp-go/kaleyra"
	"github.com/otp-sdk/otp-go/otp"
)

func Example() {
	const id = "4d3d0959-805e-43fa-bece-5815ce0795a2"
	vendor := httpmock.NewMockTransport() // leave it out to reach the real vendor
	vendor.RegisterResponder(http.MethodPost, "https://api.kaleyra.io/v1/HXXXXXXX071US/verify",
		httpmock.NewStringResponder(200, `{"data":{"verify_id":"`+id+`","to":{"mobile":"905321234567"}}}`))
	vendor.RegisterResponder(http.MethodPost, "https://api.kaleyra.io/v1/HXXXXXXX071US/verify/validate",
		httpmock.NewStringResponder(200, `{"data":{"verify_id":"`+id+`","message":"OTP verified successfully."}}`).
			Then(httpmock.NewStringResponder(400, `{"error":{"code":"E910","type":"validation_error","message":"OTP already verified"}}`)))

	client, err := kaleyra.New(kaleyra.Config{SID: "HXXXXXXX071US", APIKey: "Ac4XXXXX21f"},
		otp.WithHTTPClient(&http.Client{Transport: vendor}))
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	v, err := client.Send(ctx, otp.SendRequest{To: "+905321234567"})
	fmt.Println(v.Provider, v.Channel, err)

	fmt.Println(client.Verify(ctx, v, "012345")) // in real life, the person types it
	fmt.Println(client.Verify(ctx, v, "012345"))
	// Output:
	// kaleyra sms <nil>
	// <nil>
	// kaleyra: verify: already verified (E910, 400)
}

func ExampleNew() {
	_, err := kaleyra.New(kaleyra.Config{SID: "../other", APIKey: "Ac4XXXXX21f"})
	var failure *otp.Error
	fmt.Println(errors.As(err, &failure), failure.Field)
	fmt.Println(err)

	client, err := kaleyra.New(
		kaleyra.Config{
			SID:     "HXXXXXXX071IN",
			APIKey:  "Ac4XXXXX21f",
			FlowID:  "f55b8994-7b69-47af-9ef2-1fdee4295e2b",
			Flow:    kaleyra.Flow{CodeLength: 6, TTL: 5 * time.Minute, Channels: []otp.Channel{otp.SMS, otp.Voice}},
			BaseURL: "https://api.in.kaleyra.io",
		},
		otp.WithName("kaleyra-in"),
		otp.WithSendLimiter(otp.Rate{Events: 100, Per: time.Minute}.Limiter()), // the vendor publishes none
	)
	fmt.Println(client.Name(), client.Capabilities().Default, err)
	// Output:
	// true sid
	// kaleyra: new: misconfigured: sid: must be 1 to 64 letters, digits, "-" or "_"
	// kaleyra-in sms <nil>
}

// A flow is asked only for what the config declares it to be, so that a request written for another
// vendor either gets what it asks for or fails before the network.
func ExampleFlow() {
	client, err := kaleyra.New(kaleyra.Config{
		SID: "HXXXXXXX071US", APIKey: "Ac4XXXXX21f",
		Flow: kaleyra.Flow{CodeLength: 6, TTL: 5 * time.Minute},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	caps := client.Capabilities()
	fmt.Println(caps.Check(otp.SendRequest{To: "+905321234567", CodeLength: 6, TTL: 5 * time.Minute}))
	fmt.Println(caps.Check(otp.SendRequest{To: "+905321234567", CodeLength: 8}))
	// Output:
	// <nil>
	// send: unsupported: code_length: must be 6
}

// The portable extras of this vendor go into SendRequest.Options, where other vendors ignore them.
func ExampleEmail() {
	req := otp.SendRequest{
		To:      "+905321234567",
		Options: []otp.SendOption{kaleyra.Email("person@mail.example")},
	}
	fmt.Println(req.Options[0].OTPVendor())
	// Output: kaleyra
}
