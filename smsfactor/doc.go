// Package smsfactor sends and verifies one-time passcodes through the OTP API of Octopush, by SMS and voice call.
// Whatever the package's name says, this is Octopush's API: the operations, the headers api-login and api-key and the
// answers are those of Octopush's pages. So login and key are an Octopush account's, and [DefaultBaseURL] is Octopush's
// host. SMSFactor is another company, whose own API at api.smsfactor.com has other paths and takes a bearer token; sent
// there, the credentials would be shown to a host that does not know them.
//
//	client, err := smsfactor.New(smsfactor.Config{
//		APILogin: os.Getenv("OCTOPUSH_API_LOGIN"),
//		APIKey:   os.Getenv("OCTOPUSH_API_KEY"),
//	})
//	...
//	v, err := client.Send(ctx, otp.SendRequest{To: "+33611223344"})
//	...
//	err = client.Verify(ctx, v, typed)
//
// A [Client] is an otp.Provider, and has the vendor's two operations as methods: Generate and Validate.
//
// # Before the first code
//
// Login and key stand on the OTP settings page of Octopush's client area, and so do the account's own defaults of
// sender, text, alphabet, length, lifetime and attempts. No page tells what they are at first. A field that a request
// leaves out takes the account's setting ("OTP: send a code").
//
// # What is particular to Octopush
//
//   - The service guesses at what it does not understand, and sends all the same: a field that it cannot make sense of
//     is ignored ("OTP request create"). Every value is therefore checked before it is sent, and a misspelt one is
//     refused here, not there.
//   - An HTTP status proves nothing. Success is a 2xx with the code 0 in the body; any other code names the failure,
//     whatever the status ("OTP: code validation").
//   - Send asks for six digits, no other characters, and five minutes unless told otherwise, and leaves the rest to the
//     account; Generate sends what it is given. [Alphabet] asks for other characters.
//   - A code is looked up by the token that Generate returned. Without one, which is so after a send of unknown
//     outcome, the vendor takes the code that it last sent to the number; see [Client.Verify].
//   - A wrong code comes with the number of attempts that are left: otp.Error.AttemptsLeft.
//   - The language can be chosen for a voice call only: the text of a message is the account's, or yours; see [Text].
//
// # Limits
//
// The vendor documents no rate limit, so the client has none by default; otp.WithSendLimiter and otp.WithVerifyLimiter
// set one.
package smsfactor
