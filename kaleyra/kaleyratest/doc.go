// Package kaleyratest is Kaleyra's Verify API on your own machine: a real HTTP server that answers
// as the vendor's pages say, sends no text and costs nothing. Use it in tests and in example
// programs, in any language: everything goes over HTTP.
//
//	srv := kaleyratest.NewServer()
//	defer srv.Close()
//	// point the program at srv.URL with srv.SID, srv.APIKey and srv.FlowID, let it send a code to
//	// +12025550123, then:
//	code, ok := srv.Code("+12025550123")
//
// A new server is an account that is ready to send. At Kaleyra a flow (its pages also say
// "configuration") decides about code, attempts and channels. The account has one: approved, the
// default, six digits by SMS, five minutes, three attempts. WithFlow sets up others.
//
// Package otpsim describes what every simulator has: inbox, clock, faults (the operations are
// generate and validate), rate limits (Kaleyra publishes none) and the record of requests. Quirks
// chooses among the readings that the vendor's pages leave open.
//
// # What is documented and what is not
//
// Paths, fields and both success bodies are Kaleyra's, from the pages generating-otp ("Generate
// OTPs") and validating-otp below https://developers.kaleyra.io/docs/. So are these errors, to the
// letter:
//
//	E600 to field is mandatory                  E804 Mobile number is mandatory.
//	E802 Please enter a valid email             E805 Please enter a valid mobile number.
//	E803 OTP can contain only alphanumeric…     E903 Given OTP length does not match…
//	E905 Flow Id not approved or not found      E910 OTP already verified
//	E914 Flow does not support alphanumeric OTP.
//
// The codes E800, E801, E909, E911, E912 and E913 are known from public integrations only, RBC001
// and E110 from the page of Kaleyra's WhatsApp API (whatsapp-api-v2-error-codes-for-send-message);
// their texts are invented. So is the HTTP status of every answer: 200 for success, 400 for an
// error, 401 for a wrong SID or key.
//
// What the pages do not say is marked "invented" in the source. Do not rely on its wording.
package kaleyratest
