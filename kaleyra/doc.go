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
// A [Client] is an otp.Provider, and has the vendor's operations Generate and Validate as methods.
//
// # What the flow decides
//
// Kaleyra sends by a flow, or configuration, which is approved in the dashboard. It sets the
// channels and their order ("Configure Verification Flow"), the templates, and how long a code is,
// how long it lives, and whether it may hold letters ("Generate OTPs"). No request can change that.
// [Config.Flow] repeats to the client what the dashboard says: a portable request that asks for
// just that passes, and any other is otp.ErrUnsupported before the network.
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
// Keep the two in step: the vendor never says what a flow is set to.
//
// # One number per send
//
// The vendor takes several numbers in one request. The client does not: they would share one
// reference, and each of those people could verify for the others. [Email] adds an address to a
// send, for flows with an e-mail step; it has to be the same person's.
//
// # Regions
//
// [DefaultBaseURL] is the only host on the vendor's Verify pages. The others are those of its SMS
// API ("Send OTP SMS"), where Verify most likely answers, too.
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
//     answer to a send was lost, otp.Verification.CanVerify is false: offer "send again" at once.
//   - Failures are told apart by a code such as E912; the vendor documents no HTTP status.
//   - The vendor never says how many attempts are left, or when a code expires.
//   - A key dies with the team member who made it, may be pinned to IP addresses, and belongs to
//     one SID ("Generating an API Key").
//
// # The vendor's codes
//
// "Generate OTPs" documents E600, E802 to E805, E903, E905 and E914; "Validating OTP" documents
// E910. Public integrations know E800 and E801 (a field of Validate is missing), E909 (unknown
// verify ID), E911 (too many attempts), E912 (wrong code) and E913 (expired). RBC001 (bad SID or
// key) and E110 (no balance) are documented for the platform's WhatsApp API. That Verify has them,
// and that E803, E903 and E914 mean a wrong code on Validate, is inferred.
//
// On Validate, RBC001, E800 and E801 alone prove that no code was checked. After any other failure
// that is no verdict, a bare 401, 403 or 429 included, the outcome is unknown.
//
// # Limits
//
// The vendor publishes none for Verify, so the client keeps none; otp.WithSendLimiter and
// otp.WithVerifyLimiter set some.
//
// # Sources
//
// The pages in quotation marks are those of https://developers.kaleyra.io/docs.
package kaleyra
