package smsfactor_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"

	"github.com/jarcoal/httpmock"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/smsfactor"
)

func Example() {
	client, err := smsfactor.New(
		smsfactor.Config{APILogin: "you@shop.example", APIKey: "1a2b3c4d5e6f", Sender: "MyShop"},
		otp.WithHTTPClient(&http.Client{Transport: octopush()}), // leave it out to reach the real vendor
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	var ticket string // what delivery receipts most likely have
	v, err := client.Send(ctx, otp.SendRequest{To: "+33611223344", Options: []otp.SendOption{smsfactor.Ticket(&ticket)}})
	fmt.Println(v.Provider, v.ID, v.Channel, ticket, err)

	err = client.Verify(ctx, v, "000000")
	var failure *otp.Error
	if errors.As(err, &failure) && errors.Is(err, otp.ErrWrongCode) {
		fmt.Println("wrong,", *failure.AttemptsLeft, "attempts left")
	}
	fmt.Println(client.Verify(ctx, v, "482913"))
	// Output:
	// smsfactor otp_111111dab2222222aaa33333 sms sms_5fa275dbf21dc <nil>
	// wrong, 2 attempts left
	// <nil>
}

// octopush is a stand-in for the vendor that always sends 482913.
func octopush() http.RoundTripper {
	transport := httpmock.NewMockTransport()
	transport.RegisterResponder("POST", smsfactor.DefaultBaseURL+"/service/otp/generate", httpmock.NewStringResponder(200,
		`{"code":0,"message":"sent","ticket_number":"sms_5fa275dbf21dc","otp_request_token":"otp_111111dab2222222aaa33333"}`))
	transport.RegisterMatcherResponder("PUT", smsfactor.DefaultBaseURL+"/service/otp/validate",
		httpmock.BodyContainsString(`"code":"482913"`), httpmock.NewStringResponder(200, `{"code":0,"message":"success"}`))
	transport.RegisterResponder("PUT", smsfactor.DefaultBaseURL+"/service/otp/validate", httpmock.NewStringResponder(400,
		`{"code":199,"message":"Wrong OTP code.","remaining_number_of_attempts":2}`))
	return transport
}

func ExampleNew() {
	_, err := smsfactor.New(smsfactor.Config{APILogin: "you@shop.example"})
	var failure *otp.Error
	fmt.Println(errors.As(err, &failure), failure.Field)
	fmt.Println(err)

	client, err := smsfactor.New(
		smsfactor.Config{APILogin: "you@shop.example", APIKey: "1a2b3c4d5e6f", Channel: otp.Voice},
		otp.WithName("octopush-fr"),
		otp.WithSendLimiter(otp.Rate{Events: 10, Per: 1e9}.Limiter()), // the vendor documents none
	)
	fmt.Println(client.Name(), client.Capabilities().Default, err)
	// Output:
	// true api_key
	// smsfactor: new: misconfigured: api_key: must not be empty
	// octopush-fr voice <nil>
}

// The portable extras of this vendor go into SendRequest.Options, where other vendors ignore them.
func ExampleAlphabet() {
	req := otp.SendRequest{
		To: "+33611223344",
		Options: []otp.SendOption{
			smsfactor.Alphabet(smsfactor.Digits, smsfactor.UpperCase),
			smsfactor.Text("{code} is your code, valid until {hh:mm:ss}"),
		},
	}
	for _, option := range req.Options {
		fmt.Println(option.OTPVendor())
	}
	// Output:
	// smsfactor
	// smsfactor
}

// Generate sends what it is given: what is left out is up to the settings of the account.
func ExampleClient_Generate() {
	client, err := smsfactor.New(
		smsfactor.Config{APILogin: "you@shop.example", APIKey: "1a2b3c4d5e6f"},
		otp.WithHTTPClient(&http.Client{Transport: octopush()}),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	sent, err := client.Generate(ctx, smsfactor.GenerateRequest{
		To:                        "+33611223344",
		Channel:                   otp.Voice,
		VoiceLanguage:             "fr-FR",
		VoiceGender:               smsfactor.Female,
		CodeLength:                8,
		AllowUpperCase:            smsfactor.On,
		RemoveConfusingCharacters: smsfactor.On,
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	_, err = client.Validate(ctx, smsfactor.ValidateRequest{Token: sent.Token, Code: "482913"})
	fmt.Println(sent.TicketNumber, err)
	// Output: sms_5fa275dbf21dc <nil>
}
