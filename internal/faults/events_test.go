package faults_test

import (
	"context"
	"crypto/tls"
	"net"
	"strings"
	"testing"

	"github.com/otp-sdk/otp-go/otp"
)

// event is what an attempt may meet in a random sequence of faults. All of it happens over TLS, so that a connection can
// also turn out to be of no use before there is a request.
type event struct {
	name    string
	dial    dialFunc // nil = the server is reached
	do      step
	outcome otp.Outcome // of the attempt
	unused  bool        // the server does not see a byte of the request
	refused bool        // the server says itself that it has done nothing
	slow    bool        // it lasts until a time-out
}

type dialFunc func(ctx context.Context, network, address string) (net.Conn, error)

const succeeds = "success"

// events are all that may happen. What is neither unused nor refused may have sent a text.
func events(t *testing.T) []event {
	t.Helper()
	all := []event{
		{name: succeeds, do: succeed, outcome: accepted},
		{name: "400", do: emptyAnswer(400), outcome: notSent},
		{name: "429", do: status(429), outcome: notSent, refused: true},
		{name: "429 with Retry-After: 0", do: status(429, "Retry-After: 0"), outcome: notSent, refused: true},
		{name: "429 with Retry-After: 3600", do: status(429, "Retry-After: 3600"), outcome: notSent, refused: true},
	}
	for name, do := range doubts() {
		all = append(all, event{name: name, do: do, slow: name == noAnswer})
	}
	for i := range all {
		all[i].do = byTLS(rightCertificate, all[i].do)
	}
	return append(all, unused(t)...)
}

const noAnswer = "no answer"

// doubts leave it open whether the vendor has acted.
func doubts() map[string]step {
	return map[string]step{
		"500":                         status(500),
		"502 with a web page":         webPage(always(502)),
		"503 with Retry-After: 0":     status(503, "Retry-After: 0"),
		"504":                         status(504),
		"408":                         status(408),
		"closed after reading":        closeAfterReading,
		"reset after reading":         resetAfterReading,
		"reset before the body":       resetBeforeTheBody,
		noAnswer:                      hang,
		"half a header, then closed":  closeInTheHeader,
		"garbage instead of HTTP":     garbage,
		"garbage instead of a header": garbageInTheHeader,
		"2xx cut off":                 halfTheAnswer,
		"2xx with half its JSON":      halfTheJSON,
		"2xx with nothing in it":      emptySuccess,
		"2xx with a web page":         webPage(statusOfSuccess),
		"2xx, endless":                endlessBody,
		"2xx, endless, as gzip bomb":  gzipBomb,
		"204":                         emptyAnswer(204),
	}
}

// unused are the ways in which no connection comes about.
func unused(t *testing.T) []event {
	t.Helper()
	dead, _ := nowhere(t, serve(t, call{}, hangUp))
	refused := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return new(net.Dialer).DialContext(ctx, network, strings.TrimPrefix(dead, "http://"))
	}
	nameless := &net.Dialer{Resolver: noSuchName(t)}
	unknown := func(ctx context.Context, network, _ string) (net.Conn, error) {
		return nameless.DialContext(ctx, network, "vendor.invalid:443")
	}
	all := []event{
		{name: "refused", dial: refused},
		{name: "no such host", dial: unknown},
		{name: "TLS hangs", do: sayNothing, slow: true},
		{name: "TLS hung up", do: hangUp},
		{name: "HTTP where TLS should be", do: speakPlainly},
		{name: "certificate of nobody", do: byTLS(func() *tls.Config { return unknownCertificate() }, succeed)},
	}
	for i := range all {
		all[i].unused, all[i].outcome = true, notSent
	}
	return all
}
