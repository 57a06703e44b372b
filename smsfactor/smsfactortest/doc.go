// Package smsfactortest is the OTP API of Octopush on your own machine: a real HTTP server that
// answers as the vendor's pages say, sends no text and costs nothing. Use it in tests and in
// example programs, in any language: everything goes over HTTP.
//
//	srv := smsfactortest.NewServer()
//	defer srv.Close()
//	// point the program at srv.URL with srv.APILogin and srv.APIKey, let it send a code to +33611223344, then:
//	code, ok := srv.Code("+33611223344")
//
// A new server is an account that is ready to send: six digits, good for ten minutes, three wrong
// attempts, by SMS. WithSettings changes these defaults, which the vendor does not document.
//
// # Lenient like the service
//
// Like the service (the reference) it guesses at wrong values, casts wrong types, strips forbidden
// characters, ignores what it cannot repair, and sends anyway. Quirks{Strict: true} answers 400
// instead, which finds a client's typing errors.
//
// Package otpsim describes what every simulator has: inbox, clock, faults (the operations are
// generate and validate), rate limits (the vendor documents none) and the record of requests.
// Quirks chooses among the readings that the vendor's pages leave open.
//
// # What is documented and what is not
//
// The facts are from the reference page post_public_apiotp_requestcreate ("the reference") and from
// two pages of the developer site, otp-mfa-send-a-code and otp-mfa-code-validation. Documented are
// the paths, the fields and their ranges, the members of the answers, and these bodies:
//
//	{"code":0,"message":"success"}
//	{"code":194,"message":"At least phone number or request token is mandatory."}
//	{"code":199,"message":"Wrong OTP code.","remaining_number_of_attempts":3}
//
// The codes 195 (no code), 196 (attempts used up), 197 (expired) and 198 (not found) are documented
// without a body. Which errors generate can have is not documented at all: what it answers here is
// the vendor's general list of codes. What the pages do not say is marked "invented" in the source.
// Do not write a client against the wording of any answer: the pages themselves spell 199 in two
// ways.
package smsfactortest
