// Package kaleyra sends and verifies one-time passcodes through the Verify API of Kaleyra, by SMS
// and voice, and by e-mail beside them.
//
//	client, err := kaleyra.New(kaleyra.Config{
//		SID:    os.Getenv("KALEYRA_SID"),
//		APIKey: os.Getenv("KALEYRA_API_KEY"),
//	})
//	...
//	v, err := client.Send(ctx, otp.SendRequest{To: "+905321234567"})
//	...
//	err = client.Verify(ctx, v, typed)
//
// A [Client] is an otp.Provider, and has the vendor's two operations as methods: Generate and
// Validate.
//
// # What the flow decides
//
// Kaleyra sends by a flow, which its newer pages call a configuration. It is set up and approved in
// the vendor's dashboard, and no request can change what it says:
//
//   - the channels, SMS, voice and e-mail, and their order; for each but the first, whether it is
//     used at once, or after an interval when the person has not verified by then ("Configure
//     Verification Flow");
//   - the template of each channel, and with it the text and its language;
//   - how long a code is, how long it lives, and whether it may hold letters ("Generate OTPs").
//
// So the client cannot choose any of these. [Config.Flow] repeats to it what the dashboard says,
// and a portable request that asks for just that passes; one that asks for anything else, or for
// what is not declared, is otp.ErrUnsupported before the network. An application that asks for six
// digits and five minutes then moves to Kaleyra by its configuration alone:
//
//	kaleyra.Config{
//		...
//		FlowID: "f55b8994-7b69-47af-9ef2-1fdee4295e2b",
//		Flow: kaleyra.Flow{
//			CodeLength: 6,
//			TTL:        5 * time.Minute,
//			Channels:   []otp.Channel{otp.SMS, otp.Voice}, // in the flow's order
//		},
//	}
//
// Keep the two in step: the vendor never says what a flow is set to, so nobody notices a wrong
// declaration.
//
// # One number per send
//
// The vendor takes several numbers in one request. The client does not: they would share one
// reference, and each of those people could verify for the others. To reach several, send to each:
//
//	for _, number := range numbers {
//		v, err := client.Send(ctx, otp.SendRequest{To: number})
//		...
//	}
//
// [Email] adds an address to a send, for flows with an e-mail step. The code goes to both, so that
// address has to be the same person's; it cannot be the only recipient.
//
// # Regions
//
// [DefaultBaseURL] is the only host on the vendor's Verify pages. The others are those of its SMS
// API ("Send OTP SMS"): that Verify answers there, too, is likely but not documented. An account of
// another region sets [Config.BaseURL] to the host that Kaleyra gives it.
//
//	https://api.kaleyra.io      default; Singapore
//	https://api.ap.kaleyra.io   Singapore and Asia Pacific
//	https://api.in.kaleyra.io   India
//	https://api.eu.kaleyra.io   Europe
//	https://api.na.kaleyra.ai   North America; note the .ai
//
// # What is particular to Kaleyra
//
//   - A code is looked up by the reference that Generate returns, and by nothing else. When the
//     answer to a send was lost, its code cannot be verified, whether or not it arrived:
//     otp.Verification.CanVerify is false then, and Verify is otp.ErrUnavailable without a request.
//     Offer "send again" at once.
//   - Failures are told apart by a code such as E912, whatever the HTTP status; the vendor
//     documents no status at all. The client goes by the code, and by the status only where there
//     is none.
//   - The vendor never says how many attempts are left, or when a code expires.
//   - A key dies with the team member who made it, may be pinned to IP addresses, and belongs to
//     one SID ("Generating an API Key").
//
// # The vendor's codes
//
// "Generate OTPs" documents E600, E802 to E805, E903, E905 and E914; "Validating OTP" documents
// E910. The others are known from public integrations of the service: E800 and E801 (a field of
// Validate is missing, so no code was checked), E909 (unknown verify ID), E911 (too many attempts),
// E912 (wrong code), E913 (expired). RBC001 (bad SID or key) and E110 (no balance) are documented
// for the platform's WhatsApp API; that Verify has them is inferred. So is that E803, E903 and E914
// mean a wrong code on Validate.
//
// On Validate, RBC001, E800 and E801 alone prove that no code was checked. After any other failure
// that is no verdict, a bare 401, 403 or 429 included, the outcome is unknown.
//
// # Limits
//
// The vendor publishes none for Verify, so the client keeps none by itself. For an account that has
// some, say so with otp.WithSendLimiter and otp.WithVerifyLimiter. A send that is answered 429 is
// repeated after a pause, as otp.WithRetry has it.
//
// # Sources
//
// The pages in quotation marks are those of https://developers.kaleyra.io/docs: "Generate OTPs"
// (generating-otp), "Validating OTP" (validating-otp), "Configure Verification Flow"
// (configure-verification-flow), "Generating an API Key" (generating-an-api-key), "Send OTP SMS"
// (sms-api-send-otp-sms) and "WhatsApp Error Codes" (whatsapp-error-codes).
package kaleyra
