// Package browsertest opens the pages of the examples in Chromium, as a person does: the sign-in
// from a number to a session, the page of phones, and texts that try to run script in either. It
// also compares the simulator's API with its OpenAPI description. It is a module of its own, so
// that the browser's driver and the validator reach nobody's go.sum.
//
//	cd examples/browsertest && go test ./...
//
// Without a browser the tests are skipped; OTP_REQUIRE_BROWSER=1 makes that a failure. Debian and
// Ubuntu have one in the package chromium-headless-shell. OTP_SCREENSHOTS is a folder for pictures
// of what was seen; go test -update takes those of the README anew.
package browsertest
