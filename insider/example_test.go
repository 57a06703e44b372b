package insider_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
)

func Example() {
	srv := insidertest.NewServer() // leave BaseURL out to reach the real vendor
	defer srv.Close()
	client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	v, err := client.Send(ctx, otp.SendRequest{To: "+905321234567", Channel: otp.WhatsApp, Locale: "pt-BR"})
	fmt.Println(v.Provider, v.Channel, err)

	code, _ := srv.Code("+905321234567") // in real life, the person types it
	fmt.Println(client.Verify(ctx, v, code))
	fmt.Println(client.Verify(ctx, v, code))
	// Output:
	// insider whatsapp <nil>
	// <nil>
	// insider: verify: code not found (404)
}

func ExampleNew() {
	_, err := insider.New(insider.Config{})
	var failure *otp.Error
	fmt.Println(errors.As(err, &failure), failure.Field)
	fmt.Println(err)

	client, err := insider.New(
		insider.Config{APIKey: "1a2b3c4d5e6f", Channel: otp.WhatsApp},
		otp.WithName("insider-eu"),
		insider.WithGenerateLimiter(otp.SMS, otp.Rate{Events: 1000, Per: 60e9}.Limiter()), // raised by the vendor
		insider.WithSetupLimiter(nil),
	)
	fmt.Println(client.Name(), client.Capabilities().Default, err)
	// Output:
	// true api_key
	// insider: new: misconfigured: api_key: must not be empty
	// insider-eu whatsapp <nil>
}

// The portable extras of this vendor go into SendRequest.Options, where other vendors ignore them.
func ExampleUnique() {
	req := otp.SendRequest{
		To:      "+905321234567",
		Channel: otp.WhatsApp,
		Options: []otp.SendOption{insider.Unique()},
	}
	fmt.Println(req.Options[0].OTPVendor())
	// Output: insider
}

func ExampleCallback() {
	req := otp.SendRequest{
		To:      "+905321234567",
		Options: []otp.SendOption{insider.Callback("https://shop.example/otp-events")},
	}
	fmt.Println(req.Options[0].OTPVendor())
	// Output: insider
}

// Before the first code, an account needs a channel, and on WhatsApp a template for each language.
func ExampleClient_CreateTemplate() {
	srv := insidertest.NewServer()
	defer srv.Close()
	client, err := insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL})
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	channel, err := client.CreateChannel(ctx, insider.CreateChannelRequest{Channel: otp.WhatsApp})
	fmt.Println(channel.Status, err)
	template, err := client.CreateTemplate(ctx, insider.CreateTemplateRequest{Locale: "en", TemplateName: "otp_en"})
	fmt.Println(template.Status, err)
	list, err := client.ListTemplates(ctx, insider.ListTemplatesRequest{})
	fmt.Println(list.Templates[otp.WhatsApp], err)
	// Output:
	// success <nil>
	// success <nil>
	// [{en  otp_en}] <nil>
}
