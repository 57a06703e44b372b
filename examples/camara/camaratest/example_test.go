package camaratest_test

import (
	"context"
	"fmt"

	"github.com/otp-sdk/otp-go/examples/camara"
	"github.com/otp-sdk/otp-go/examples/camara/camaratest"
	"github.com/otp-sdk/otp-go/otp"
)

func Example() {
	srv := camaratest.NewServer(camaratest.Quirks{})
	defer srv.Close()
	client, err := camara.New(camara.Config{
		BaseURL: srv.BaseURL, TokenURL: srv.TokenURL, ClientID: srv.ClientID, ClientSecret: srv.ClientSecret,
		Message: "Acme: {{code}}",
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	v, err := client.Send(context.Background(), otp.SendRequest{To: "+905321234567"})
	fmt.Println(v.Provider, v.CanVerify(), err)

	code, _ := srv.Code("+905321234567")
	fmt.Println(client.Verify(context.Background(), v, code))
	fmt.Println(client.Verify(context.Background(), v, code))
	// Output:
	// camara true <nil>
	// <nil>
	// camara: verify: code expired (ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED, 400)
}
