// Package phones is the four simulators behind one address, with a web page of the phones that they
// text, and a JSON API for end-to-end tests, in whatever language. examples/simulator runs it as a
// program; other examples run it in their own process:
//
//	phones, err := phones.New(phones.Options{})
//	defer phones.Close()
//	server := httptest.NewServer(phones) // a vendor's base URL is server.URL + vendor.Path
//
// What it answers:
//
//	/           the page
//	/insider/…  Insider's API; likewise /kaleyra/…, /hypersender/… and /smsfactor/…
//	/api/…      the JSON API, which openapi.json describes
//
// # Testers who share it
//
// A program under test has one base URL, whatever number of tests run against it at once, so tests
// are told apart by the phone numbers that they use. Faults, quirks, the clock and resets take one
// as "to", and then touch no other.
//
// # Who may look
//
// The page shows codes and keys, so it is for this machine: a request must name a loopback host, or
// one of Options.AllowHosts, which stops DNS rebinding. The API also refuses what a browser sends
// on behalf of another origin, and takes JSON only. Messages, traffic and events are bounded.
package phones
