// Package insidertest is Insider's Verify API on your own machine: a real HTTP server that answers as the
// vendor's pages say, sends no text and costs nothing. Use it in tests and in example programs, in any
// language: everything goes over HTTP.
//
//	srv := insidertest.NewServer()
//	defer srv.Close()
//	// point the program at srv.URL with the key srv.APIKey, let it send a code to +905321234567, then:
//	code, ok := srv.Code("+905321234567")
//
// A new server is an account that is ready to send. Codes have six digits unless the request or
// WithCodeLength says otherwise; Insider's own default is four. Rate limits are off, so that a long test run
// does not meet them by chance; WithLimits(DocumentedLimits()) turns the vendor's on.
//
// # What can be moved and broken
//
//   - srv.Clock lets codes expire without waiting: srv.Clock.Advance(3 * time.Minute).
//   - srv.Inbox holds every text, by phone: srv.Inbox.Next(ctx, to) waits for one.
//   - srv.Fail injects faults: srv.Fail(insidertest.AfterAccepting(500)) sends the text and answers 500.
//   - srv.Requests lists what was asked and answered: a test can count that one send was one request.
//   - Quirks chooses among the readings that the vendor's pages leave open.
//
// # What is documented and what is not
//
// Paths, fields, ranges, defaults, success bodies and the error bodies below are Insider's, from the pages
// "Generate OTP Codes", "Verify OTP Codes", "Create a Channel", "Update a Channel", "Create OTP Template",
// "Update OTP Templates" and "List OTP Templates" (WhatsApp and SMS), and from Insider's public Postman
// collection:
//
//	400 invalid request payload            401 unauthorized              409 no changes detected
//	400 this field is required             401 invalid code (SMS)        422 invalid code (WhatsApp)
//	400 this field must be one of these:…  404 code not found            429 maximum attempts exceeded
//	400 channel already exists             500 server error              429 rate limit exceeded
//	400 channel information must be a valid phone number for sms
//
// What the pages do not say is marked "invented" in the source. Do not write a client against the wording of
// such an answer.
package insidertest
