// Package hypersendertest is Hypersender's OTP API (v2) on your own machine: a real HTTP server
// that answers as the vendor's pages say, sends no message and costs nothing. Use it in tests and
// in example programs, in any language: everything goes over HTTP.
//
//	srv := hypersendertest.NewServer()
//	defer srv.Close()
//	// point the program at srv.URL with srv.Instance and srv.Token, let it send a code to
//	// 20123456789@c.us, then:
//	code, ok := srv.Code("+20123456789") // "20123456789" and "20123456789@c.us" are the same phone
//
// A new server is an account with one WhatsApp instance that is ready to send. The calls are POST
// /{instance}/request-code, /{instance}/validate-code and /{instance}/generate-link. What a request
// leaves out has the documented default: six digits, thirty minutes.
//
// Package otpsim describes what every simulator has: inbox, clock, faults (the operations are
// request-code, validate-code and generate-link), rate limits (the vendor gives no figure) and the
// record of requests. Quirks chooses among the readings that the vendor's pages leave open.
//
// # What is documented and what is not
//
// Paths, fields, defaults and success bodies are Hypersender's, from the pages "Introduction",
// "Request OTP Code", "Validate Code" and "Generate Link" of the OTP API reference and "What is
// chatId". The ranges (length 4 to 10, expires 60 to 1800 for a code and 60 to 3600 for a link) are
// from comments in the vendor's official Laravel client.
//
// No page of the OTP API documents an error. One body is the vendor's own, from its WhatsApp API:
// that of a number that is not on WhatsApp, see NotOnWhatsApp. The statuses and the bodies below
// follow the conventions of Laravel, which that body follows too; people who use the API report 400
// and 401:
//
//	401 Unauthenticated.                422 The given data was invalid.
//	403 This action is unauthorized.    429 Too Many Attempts.
//	400, 404, 405                       500 Server Error
//
// Which fields have to be there is not documented either, see Quirks.Lenient and Quirks.RequireAll.
// What is made up is marked "invented" in the source; do not match on those texts.
package hypersendertest
