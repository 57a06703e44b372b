// Package hypersender sends and verifies one-time passcodes through the OTP API v2 of Hypersender,
// by WhatsApp.
//
//	client, err := hypersender.New(hypersender.Config{
//		Instance: os.Getenv("HYPERSENDER_INSTANCE"),
//		Token:    os.Getenv("HYPERSENDER_TOKEN"),
//		AppName:  "Example Shop",
//	})
//	...
//	v, err := client.Send(ctx, otp.SendRequest{To: "+20123456789"})
//	...
//	err = client.Verify(ctx, v, typed)
//
// A [Client] is an otp.Provider, and has the vendor's operations RequestCode, ValidateCode and
// GenerateLink as methods.
//
// # Before the first code
//
// An account has instances, each a WhatsApp number that the messages come from; the dashboard shows
// an instance's id and the token ("Request OTP Code"). The token belongs on back ends.
//
// # What is particular to Hypersender
//
//   - It is up to you to count wrong codes: the vendor has no limit, and asks callers to keep one,
//     of 3 to 5 ("validate-code"). Without it a code of six digits can be guessed. Do not let a new
//     code set the count back.
//   - A recipient is a chat id; that of a person is the number's digits and "@c.us" ("What is
//     chatId"), which is what Send makes of a number.
//   - A code is looked up by chat, not by the UUID of the request: expect a new code to replace the
//     one before. When the answer has another UUID than the verification, nobody is verified.
//   - The vendor's answer to a request for a code holds the code. The client drops it, with every
//     text that may hold it.
//   - The answer means that the message is queued, not that it was sent ("Request OTP Code").
//
// # Failures
//
// The vendor documents no error of this API. What follows is inferred from an error of its WhatsApp
// API, from the conventions of the framework that its answers show, and from its users.
//
//   - A rejected code is otp.ErrCodeRejected and nothing finer. It takes an answer of 2xx with
//     "success": false, or of 400, 404, 409, 410 or 422, whose errors name the code, whose text
//     speaks of the code or the OTP, or that is "success": false without any text.
//   - A number that is not on WhatsApp is otp.ErrUnreachable, so that a failover goes on to SMS.
//   - A session that is not connected is otp.ErrUnavailable; an unknown route or instance, which is
//     a 404, is otp.ErrMisconfigured.
//   - On Verify, a 401 "Unauthenticated." and an error about the chat prove that no code was
//     checked. After any other failure that is no verdict, a bare 403 or 429 included, the outcome
//     is unknown.
//
// The vendor's own lifetime of a code is 30 minutes. Send asks for five unless told otherwise.
//
// # Limits
//
// The vendor documents no numbers, so the client has no limit of its own; otp.WithSendLimiter,
// which RequestCode and GenerateLink share, and otp.WithVerifyLimiter set one.
//
// # Sources
//
// Names in quotation marks are pages of docs.hypersender.com. "The vendor's client" is
// hypersender/hypersender-laravel on GitHub.
package hypersender
