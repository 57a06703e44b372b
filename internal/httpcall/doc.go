// Package httpcall is the one place where HTTP happens, for every vendor.
//
// A vendor hands [Client.Do] a [Call]: method, path, body, how to recognise success and how to read a failure. The
// client waits for limits, makes the attempts, proves what happened to each, and repeats only what provably was not
// sent. It knows nothing about any vendor.
//
// One call is an exchange; each of its attempts is one round trip. go-retryablehttp runs the loop of attempts, waits
// between them and watches the context; every decision in it is made here, because its defaults repeat requests that
// have been sent.
package httpcall
