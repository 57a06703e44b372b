// Package phones is the four simulators behind one address, with a web page of the phones that they
// text: every code shows there as it is sent, by whatever program in whatever language, and what
// becomes of it. A JSON API lets end-to-end tests read along. examples/simulator runs it as a
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
// The page shows codes and the simulators' keys, so it is for this machine: a request must name a
// loopback host, or one of Options.AllowHosts, which stops a foreign page whose name was pointed at
// this address (DNS rebinding). The API also refuses what a browser sends on behalf of another
// origin, and takes JSON only. Everything is bounded: messages, traffic and events each have a
// ring, and the page says how many messages were dropped.
package phones
