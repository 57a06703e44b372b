// Package insider sends and verifies one-time passcodes through the Verify API of Insider (Insider
// One), by SMS and WhatsApp.
//
//	client, err := insider.New(insider.Config{APIKey: os.Getenv("INSIDER_API_KEY")})
//	...
//	v, err := client.Send(ctx, otp.SendRequest{To: "+905321234567"})
//	...
//	err = client.Verify(ctx, v, typed)
//
// A [Client] is an otp.Provider, and has the vendor's seven operations as methods: Generate, Check,
// CreateChannel, UpdateChannel, CreateTemplate, UpdateTemplate and ListTemplates.
//
// # Before the first code
//
// An account needs a channel, then templates, then it can send: CreateChannel once per brand and
// channel, which for SMS installs templates in ten languages; for WhatsApp a CreateTemplate for
// every language, naming an authentication template of the WhatsApp Business Account ("Create a
// Channel", "Create OTP Template").
//
// The API key ("Verify API" in the panel) belongs on back ends ("Generate OTP Codes").
//
// # What is particular to Insider
//
//   - A code is looked up by phone number: a new code for the same number makes the older
//     verification check the newer code.
//   - Success is 202. A wrong code is 422 on WhatsApp and 401 on SMS, where a 401 also means a bad
//     key; a 429 means too many requests, or too many attempts. The client tells them apart.
//   - The vendor's own defaults are 4 digits and 180 seconds. Send asks for six digits and five
//     minutes unless told otherwise; Generate sends what it is given.
//   - The vendor never says how many attempts are left.
//   - A code that starts with 0 is checked as a JSON string. No page says whether the vendor takes
//     one. If it does not, such a code is otp.ErrInvalidRequest, and no attempt is spent.
//
// # Errors
//
// The vendor has no error codes, so the client goes by status and message. These are documented; of
// a Verify that ends so it is known what happened:
//
//	401 or 422  invalid code               otp.ErrWrongCode
//	404         code not found             otp.ErrNotFound
//	429         maximum attempts exceeded  otp.ErrTooManyAttempts
//	401         unauthorized               otp.ErrUnauthorized, no code was checked
//	429         rate limit exceeded        otp.ErrRateLimited, no code was checked
//	400         invalid request payload    otp.ErrInvalidRequest, no code was checked
//	400         about another field        otp.ErrInvalidRequest, no code was checked
//
// Any other answer to a Verify may be a verdict in other words. Its kind follows from the status,
// and its outcome is unknown.
//
// By inference: a 400 about "to", or about a phone number, is otp.ErrInvalidRecipient; a 403 about
// a rate or request limit is otp.ErrRateLimited.
//
// # Limits
//
// By default the client keeps the limits of the vendor's pages, each by itself: Generate 250 per
// minute on SMS ("Generate OTP Codes") and 750 per minute on WhatsApp, Check 750 per minute, and
// each channel and template operation 25 per minute ("API Rate Limits"). Where Insider has raised
// them, say so with otp.WithSendLimiter, otp.WithVerifyLimiter, [WithGenerateLimiter] and
// [WithSetupLimiter].
package insider
