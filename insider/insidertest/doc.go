// Package insidertest is Insider's Verify API on your own machine: a real HTTP server that answers
// as the vendor's pages say, sends no text and costs nothing. Use it in tests and in example
// programs, in any language: everything goes over HTTP.
//
//	srv := insidertest.NewServer()
//	defer srv.Close()
//	// point the program at srv.URL with the key srv.APIKey, let it send a code to +905321234567, then:
//	code, ok := srv.Code("+905321234567")
//
// A new server is an account that is ready to send. What a request leaves out has Insider's
// documented default: four digits, three minutes, three attempts. Package otpsim describes what
// every simulator has: inbox, clock, faults (the operations are generate, check, channel/create,
// channel/update, template/create, template/update and template/list), rate limits and the record
// of requests. Quirks chooses among the readings that the vendor's pages leave open.
//
// # What is documented and what is not
//
// Paths, fields, ranges, defaults, success bodies and the error bodies below are Insider's, from
// the pages "Generate OTP Codes", "Verify OTP Codes", "Create a Channel", "Update a Channel",
// "Create OTP Template", "Update OTP Templates" and "List OTP Templates" (WhatsApp and SMS), and
// from Insider's public Postman collection:
//
//	400 invalid request payload            401 unauthorized              409 no changes detected
//	400 this field is required             401 invalid code (SMS)        422 invalid code (WhatsApp)
//	400 this field must be one of these:…  404 code not found            429 maximum attempts exceeded
//	400 channel already exists             500 server error              429 rate limit exceeded
//	400 channel information must be a valid phone number for sms
//
// The documented limits, for Server.Limit, are 250 a minute for generate on SMS, 750 a minute for
// generate on WhatsApp and for check, and 25 a minute for each of the others; the page of WhatsApp
// alone says 750 a second.
//
// What the pages do not say is marked "invented" in the source. Do not rely on its wording.
package insidertest
