// Package smsfactor sends and verifies one-time passcodes through the OTP API of Octopush, by SMS
// and voice call. Whatever the package's name says, login, key and [DefaultBaseURL] are Octopush's.
// SMSFactor is another company with another API: never send the credentials to its host.
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
// A [Client] is an otp.Provider, and has the vendor's operations Generate and Validate as methods.
//
// # Before the first code
//
// Login and key stand on the OTP settings page of Octopush's client area, and so do the account's
// defaults, for fields that a request leaves out ("OTP: send a code").
//
// # What is particular to Octopush
//
//   - The service ignores what it does not understand, and sends anyway ("OTP request create").
//     Every value is therefore checked before it is sent.
//   - An HTTP status proves nothing. Success is a 2xx with the code 0 in the body, as a number or a
//     string; any other code names the failure, whatever the status ("OTP: code validation").
//   - Send asks for six digits and five minutes unless told otherwise, see [Alphabet], and leaves
//     the rest to the account; Generate sends what it is given.
//   - A code is looked up by the token that Generate returned. Without one, which is so after a
//     send whose answer was lost, the vendor takes the code that it last sent to the number.
//   - A wrong code comes with the number of attempts that are left: otp.Error.AttemptsLeft.
//   - The language can be chosen for a voice call only: the text of a message is the account's, or
//     yours; see [Text].
//   - Delivery receipts: see [NewReceiver].
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
// otp.WithVerifyLimiter set one. Octopush is said to ask for one request at a time.
package smsfactor
