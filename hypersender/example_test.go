package hypersender_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/jarcoal/httpmock"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/otp"
)

// Send a code, keep the verification, and ask about what the person types.
func Example() {
	client, err := hypersender.New(hypersender.Config{
		Instance: "9feef20d-744e-4bcc-8fdd-e5531e0474f0",
		Token:    "12|from-the-dashboard",
		AppName:  "Example Shop",
	}, otp.WithHTTPClient(&http.Client{Transport: mockedVendor()})) // leave this out to reach the vendor
	if err != nil {
		fmt.Println(err)
		return
	}

	ctx := context.Background()
	v, err := client.Send(ctx, otp.SendRequest{To: "+20123456789"})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println("sent:", v.ID, "by", v.Channel)

	for _, typed := range []string{"111111", "439713"} {
		switch err := client.Verify(ctx, v, typed); {
		case err == nil:
			fmt.Println("right")
		case errors.Is(err, otp.ErrCodeRejected):
			fmt.Println("rejected:", err)
		default:
			fmt.Println("not known:", err)
		}
	}

	// Output:
	// sent: a0b5df6a-b491-4190-80a5-38d85a2a4836 by whatsapp
	// rejected: hypersender: verify: code rejected (422)
	// right
}

// A code of capitals and digits, and a shorter lifetime.
func ExampleAlphabet() {
	client, err := hypersender.New(hypersender.Config{
		Instance: "9feef20d-744e-4bcc-8fdd-e5531e0474f0",
		Token:    "12|from-the-dashboard",
		AppName:  "Example Shop",
	}, otp.WithHTTPClient(&http.Client{Transport: mockedVendor()}))
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := client.Send(context.Background(), otp.SendRequest{
		To:         "+20123456789",
		CodeLength: 8,
		TTL:        2 * time.Minute,
		Options:    []otp.SendOption{hypersender.Alphabet(hypersender.Digits, hypersender.UpperCase)},
	})
	fmt.Println(v.ID, err)
	// Output: a0b5df6a-b491-4190-80a5-38d85a2a4836 <nil>
}

// mockedVendor answers as the vendor does; the right code is 439713.
func mockedVendor() http.RoundTripper {
	const base = hypersender.DefaultBaseURL + "/9feef20d-744e-4bcc-8fdd-e5531e0474f0"
	vendor := httpmock.NewMockTransport()
	vendor.RegisterResponder(http.MethodPost, base+"/request-code", httpmock.NewStringResponder(200, `{
		"success": true, "message": "OTP code generated and message queued successfully",
		"data": {"uuid": "a0b5df6a-b491-4190-80a5-38d85a2a4836", "code": "439713", "status": "pending",
			"expires_at": "2025-12-29T17:44:38+00:00"}}`))
	vendor.RegisterMatcherResponder(http.MethodPost, base+"/validate-code", httpmock.BodyContainsString(`"439713"`),
		httpmock.NewStringResponder(200, `{"success": true, "data": {"status": "validated"}}`))
	vendor.RegisterResponder(http.MethodPost, base+"/validate-code",
		httpmock.NewStringResponder(422, `{"success": false, "message": "Invalid OTP code"}`))
	return vendor
}
