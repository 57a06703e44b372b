// Package insider sends and verifies one-time passcodes through the Verify API of Insider (Insider One), by SMS and
// WhatsApp.
//
//	client, err := insider.New(insider.Config{APIKey: os.Getenv("INSIDER_API_KEY")})
//	...
//	v, err := client.Send(ctx, otp.SendRequest{To: "+905321234567"})
//	...
//	err = client.Verify(ctx, v, typed)
//
// A [Client] is an otp.Provider, and has the vendor's seven operations as methods: Generate, Check, CreateChannel,
// UpdateChannel, CreateTemplate, UpdateTemplate and ListTemplates.
//
// # Before the first code
//
// An account needs a channel, then templates, then it can send: CreateChannel once per brand and channel, which for SMS
// installs templates in ten languages; for WhatsApp a CreateTemplate for every language, naming an authentication
// template of the WhatsApp Business Account ("Create a Channel", "Create OTP Template").
//
// The API key ("Verify API" in the panel) belongs on back ends, never into a browser or an app ("Generate OTP Codes").
// Keys may be pinned to IP addresses in the panel.
//
// # What is particular to Insider
//
//   - A code is looked up by phone number: a new code for the same number makes the older verification check the newer
//     code.
//   - Success is 202. A wrong code is 422 on WhatsApp and 401 on SMS, where a 401 also means a bad key; a 429 means too
//     many requests, or too many attempts. The client tells them apart.
//   - The vendor's own defaults are 4 digits and 180 seconds. Send asks for six digits and five minutes unless told
//     otherwise; Generate sends what it is given.
//   - The vendor never says how many attempts are left.
//
// # Limits
//
// By default the client keeps the limits of the vendor's pages, each by itself: Generate 750 per second on WhatsApp and
// 250 per minute on SMS ("Generate OTP Codes"), Check 750 per minute, and each channel and template operation 25 per
// minute ("API Rate Limits"). Insider raises them on request; then say so with otp.WithSendLimiter,
// otp.WithVerifyLimiter, [WithGenerateLimiter] and [WithSetupLimiter].
package insider
