// Package phones is the four simulators behind one address, with a web page of the phones that they text: every code
// shows there as it is sent, by whatever program in whatever language, and what becomes of it. A JSON API lets end-to-end
// tests read along. examples/simulator runs it as a program; other examples run it in their own process:
//
//	phones, err := phones.New(phones.Options{})
//	defer phones.Close()
//	server := httptest.NewServer(phones) // a vendor's base URL is server.URL + vendor.Path
//
// What it answers:
//
//	/                           the page
//	/insider/…                  Insider's API; likewise /kaleyra/…, /hypersender/… and /smsfactor/…
//	GET  /api/messages          the messages, newest first; to=NUMBER, find=DIGITS, limit=N
//	GET  /api/codes/next        waits for a code: to=NUMBER, after=ID, timeout=30s
//	GET  /api/traffic           the last requests and answers, newest first, with secrets masked
//	GET  /api/faults            the faults that no request has met yet
//	POST /api/faults            {"vendor":"insider","fault":"cut","on":"send","to":"+12025550123","times":1}
//	POST /api/clock             {"advance":"5m"}
//	POST /api/reset             {}: no message, code, fault or request is left
//	GET  /api/health            200
//	GET  /api/config            each vendor's configuration, to paste
//	GET  /api/events            all of this as it happens (server-sent events)
//
// # Who may look
//
// The page shows codes and the simulators' keys, so it is for this machine: a request must name a loopback host, or one
// of Options.AllowHosts, which stops a foreign page whose name was pointed at this address (DNS rebinding). The API also
// refuses what a browser sends on behalf of another origin, and takes JSON only. Everything is bounded: messages, traffic
// and events each have a ring, and the page says how many messages were dropped.
package phones
