package otpsim_test

import (
	"context"
	"fmt"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// The recording is of one send and one verification, and was written by "otpctl record". Its first number
// is +12025550101.
func ExampleReplay() {
	vendor, err := otpsim.Replay("testdata/recorded.har")
	if err != nil {
		fmt.Println(err)
		return
	}
	defer vendor.Close()
	provider, err := insider.New(insider.Config{APIKey: "any", BaseURL: vendor.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := provider.Send(context.Background(), otp.SendRequest{To: "+12025550101"})
	fmt.Println("sent by", v.Channel, err)
	fmt.Println(vendor.Err())
	fmt.Println(provider.Verify(context.Background(), v, "900001"), vendor.Err())
	// Output:
	// sent by sms <nil>
	// otpsim: POST /v1/check (log.entries[1]) was never asked for
	// <nil> <nil>
}
