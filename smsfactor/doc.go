// Package smsfactor sends and verifies one-time passcodes through the OTP API of Octopush, by SMS
// and voice call. Whatever the package's name says, this is Octopush's API: the operations, the
// headers api-login and api-key and the answers are those of Octopush's pages. So login and key are
// an Octopush account's, and [DefaultBaseURL] is Octopush's host. SMSFactor is another company,
// whose own API at api.smsfactor.com has other paths and takes a bearer token; sent there, the
// credentials would be shown to a host that does not know them.
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
// A [Client] is an otp.Provider, and has the vendor's two operations as methods: Generate and
// Validate.
//
// # Before the first code
//
// Login and key stand on the OTP settings page of Octopush's client area, and so do the account's
// own defaults of sender, text, alphabet, length, lifetime and attempts. No page says what they are
// at first. A field that a request leaves out takes the account's setting ("OTP: send a code").
//
// # What is particular to Octopush
//
//   - The service guesses at what it does not understand, and sends anyway: a field that it
//     cannot make sense of is ignored ("OTP request create"). Every value is therefore checked
//     before it is sent, and a misspelt one is refused here, not there.
//   - An HTTP status proves nothing. Success is a 2xx with the code 0 in the body, as a number or a
//     string; any other code names the failure, whatever the status ("OTP: code validation").
//   - Send asks for six digits, no other characters, and five minutes unless told otherwise, and
//     leaves the rest to the account; Generate sends what it is given. [Alphabet] asks for other
//     characters.
//   - A code is looked up by the token that Generate returned. Without one, which is so after a
//     send whose answer was lost, the vendor takes the code that it last sent to the number.
//   - A wrong code comes with the number of attempts that are left: otp.Error.AttemptsLeft.
//   - The language can be chosen for a voice call only: the text of a message is the account's, or
//     yours; see [Text].
//   - Delivery receipts go to the URL that the account has set. No page says that codes raise them.
//     Their message_id is most likely the ticket number, which [Ticket] keeps; the token is not in
//     them. Users have seen the statuses EXPIRED and ANTI_FLOODING beside those of the page
//     ("Callbacks").
//
// # Errors
//
// The vendor documents the codes 194 to 199 for Validate ("OTP: code validation"), and others for
// an older API with the same numbering ("Return codes"), among them these:
//
//	196 to 199                    the code was checked, and rejected
//	101, 108, 109, 113, 114       otp.ErrUnauthorized
//	104, 105                      otp.ErrInsufficientFunds
//	103, 110, 117                 otp.ErrInvalidRecipient
//	150, 151, 152                 otp.ErrUnreachable: another vendor may reach this country
//	120, 125, 153, 500, 501       say nothing about what was done, so the outcome is unknown
//
// That the OTP calls answer with codes of the second list is by inference. So are the codes that
// users of the same API have seen: 401 and 403 (otp.ErrUnauthorized), 438 (otp.ErrRateLimited), 181
// (otp.ErrInvalidRecipient), 189 (otp.ErrInvalidRequest), 1340 and 1341 (otp.ErrUnreachable: an
// operator refuses a word of the text, or the sender), 182 (a request_id used before, outcome
// unknown), and 134, 139 and 142 (otp.ErrMisconfigured: about sender, text or account). The kind of
// any other code is that of the HTTP status.
//
// A listed refusal proves that Send has sent nothing, under any status, and under a 4xx that Verify
// has spent no attempt. Any other failure of Verify may be a verdict, and its outcome is unknown.
//
// # Limits
//
// The vendor documents no rate limit, so the client has none by default; otp.WithSendLimiter and
// otp.WithVerifyLimiter set one. Octopush is said to ask for requests one after the other, never at
// the same time.
package smsfactor
