package faults_test

import (
	"cmp"
	"net/http"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

// fault is one row of the table: what goes wrong, and what has to come of it, whoever the vendor is.
type fault struct {
	name   string
	script []step // of the connections, one after the other; the last is for all that are left
	at     place  // nil = overHTTP
	want   want

	// second: the fault hits a second request on a connection that has served one already.
	second bool
	// deadline is what the caller's context has; 0 = none.
	deadline time.Duration
}

// want is what has to come of a fault. Where a row names no outcome it is unknown, and where it names no end, at once.
type want struct {
	taken, attempts int
	send, verify    otp.Outcome
	kind            otp.Kind // "" = success
	ends            end
	retryAfter      time.Duration // as reported
}

// end is when a call ends, in classes that do not depend on the machine.
type end string

const (
	atOnce          end = ""
	atTheTimeout    end = "at the time-out"
	atHalfOfIt      end = "at half the time-out" // the part of it for connecting
	afterRetryAfter end = "after Retry-After"
)

// String is how the document names it.
func (e end) String() string { return cmp.Or(string(e), "at once") }

// waits is how long a call has to take at least to end so.
func (e end) waits(timeout time.Duration, attempts int) time.Duration {
	switch e {
	case atTheTimeout:
		return timeout * time.Duration(attempts)
	case atHalfOfIt:
		return timeout * time.Duration(attempts) * 2 / 5 // clocks are not that exact
	case afterRetryAfter:
		return time.Second
	default:
		return 0
	}
}

const (
	notSent  = otp.OutcomeNotSent
	accepted = otp.OutcomeAccepted
)

// attempts is how often a request is tried that was not sent, by default.
const attempts = 3

func faults() []fault {
	return slices.Concat(refusals(), failures(), brokenConnections(), brokenAnswers(), redirects(), unreachable())
}

// refusals are what says by itself that nothing was sent.
func refusals() []fault {
	refused := want{taken: 1, attempts: 1, send: notSent, verify: notSent, kind: otp.ErrRateLimited}
	saying := func(retryAfter time.Duration) want {
		w := refused
		w.retryAfter = retryAfter
		return w
	}
	throttled := refused
	throttled.taken, throttled.attempts = attempts, attempts
	success := want{taken: 2, attempts: 2, send: accepted, verify: accepted}
	waited := success
	waited.ends = afterRetryAfter
	failed := want{taken: 2, attempts: 2, kind: otp.ErrUnavailable}
	return []fault{
		{name: "429, then success", script: []step{status(429), succeed}, want: success},
		{name: "429 with Retry-After: 1, then success", script: []step{status(429, "Retry-After: 1"), succeed}, want: waited},
		{
			name: "429 with Retry-After: 61 and a deadline in an hour", script: []step{status(429, "Retry-After: 61")},
			deadline: time.Hour, want: saying(61 * time.Second),
		},
		{
			name: "429 with Retry-After: 5 and a deadline in 3 s", script: []step{status(429, "Retry-After: 5")},
			deadline: 3 * time.Second, want: saying(5 * time.Second),
		},
		{name: "429 with Retry-After: soon", script: []step{status(429, "Retry-After: soon")}, want: refused},
		{name: "429 for ever", script: []step{status(429)}, want: throttled},
		{name: "429, then 500", script: []step{status(429), status(500), succeed}, want: failed},
	}
}

// failures are answers that do not say how far the vendor came.
func failures() []fault {
	failed := want{taken: 1, attempts: 1, kind: otp.ErrUnavailable}
	saying := failed
	saying.retryAfter = time.Second
	return []fault{
		{name: "500", script: []step{status(500), succeed}, want: failed},
		{name: "500, then 429", script: []step{status(500), status(429)}, want: failed},
		{name: "502 with a web page", script: []step{webPage(always(502)), succeed}, want: failed},
		{name: "503", script: []step{status(503), succeed}, want: failed},
		{name: "503 with Retry-After: 1", script: []step{status(503, "Retry-After: 1"), succeed}, want: saying},
		{name: "504", script: []step{status(504), succeed}, want: failed},
		{name: "408", script: []step{status(408), succeed}, want: failed},
	}
}

// brokenConnections end before there is an answer.
func brokenConnections() []fault {
	lost := want{taken: 1, attempts: 1, kind: otp.ErrUnavailable}
	late := lost
	late.ends = atTheTimeout
	inPart := lost
	inPart.taken = 0
	return []fault{
		{name: "closed after reading", script: []step{closeAfterReading, succeed}, want: lost},
		{name: "reset after reading", script: []step{resetAfterReading, succeed}, want: lost},
		{name: "reset before the body is read", script: []step{resetBeforeTheBody, succeed}, want: inPart},
		{
			name: "a kept connection, closed after reading", script: []step{stay(closeAfterReading), succeed},
			second: true, want: lost,
		},
		{
			name: "a kept connection, reset after reading", script: []step{stay(resetAfterReading), succeed},
			second: true, want: lost,
		},
		{name: "HTTP/2 server that resets after the body", script: []step{resetOverHTTP2}, at: overTLS, want: lost},
		{name: "no answer", script: []step{hang, succeed}, want: late},
		{name: "half a header, then silence", script: []step{halfAHeader, succeed}, want: late},
		{name: "half a header, then closed", script: []step{closeInTheHeader, succeed}, want: lost},
		{name: "endless header", script: []step{endlessHeader, succeed}, want: lost},
		{name: "garbage instead of HTTP", script: []step{garbage, succeed}, want: lost},
		{name: "garbage instead of a header", script: []step{garbageInTheHeader, succeed}, want: lost},
		{name: "a length that is no number", script: []step{lengthThatIsNone, succeed}, want: lost},
	}
}

// brokenAnswers have a status, and then not what belongs to it. A refusal stays one when it is cut off, unless a verdict on
// the code may have stood in what is missing.
func brokenAnswers() []fault {
	broken := want{taken: 1, attempts: 1, kind: otp.ErrProtocol}
	late := want{taken: 1, attempts: 1, kind: otp.ErrUnavailable, ends: atTheTimeout}
	refused := want{taken: 1, attempts: 1, send: notSent, kind: otp.ErrInvalidRequest}
	return []fault{
		{name: "400 cut off", script: []step{halfARefusal, succeed}, want: refused},
		{name: "101, then silence", script: []step{switchProtocols, succeed}, want: broken},
		{name: "2xx cut off", script: []step{halfTheAnswer, succeed}, want: broken},
		{name: "2xx with half its JSON", script: []step{halfTheJSON, succeed}, want: broken},
		{name: "2xx with nothing in it", script: []step{emptySuccess, succeed}, want: broken},
		{name: "2xx with a web page", script: []step{webPage(statusOfSuccess), succeed}, want: broken},
		{name: "2xx, a byte a second", script: []step{aByteASecond, succeed}, want: late},
		{name: "2xx, endless", script: []step{endlessBody, succeed}, want: broken},
		{name: "2xx, endless, as gzip bomb", script: []step{gzipBomb, succeed}, want: broken},
	}
}

// redirects lead to another server, which must not hear of it. 307 and 308 say that this one has done nothing, which is
// good enough for a send; for a verification only the few statuses count that cannot come after a look at the code.
func redirects() []fault {
	misled := want{taken: 1, attempts: 1, kind: otp.ErrMisconfigured}
	turnedAway := misled
	turnedAway.send = notSent
	return []fault{
		{name: "301", script: []step{redirect(http.StatusMovedPermanently)}, want: misled},
		{name: "302", script: []step{redirect(http.StatusFound)}, want: misled},
		{name: "303", script: []step{redirect(http.StatusSeeOther)}, want: misled},
		{name: "307", script: []step{redirect(http.StatusTemporaryRedirect)}, want: turnedAway},
		{name: "308", script: []step{redirect(http.StatusPermanentRedirect)}, want: turnedAway},
	}
}

// unreachable are the vendors to whom no byte of a request can have gone.
func unreachable() []fault {
	never := want{attempts: attempts, send: notSent, verify: notSent, kind: otp.ErrUnavailable}
	once := never
	once.attempts = 1
	late := never
	late.ends = atHalfOfIt
	unproved := want{attempts: 1, kind: otp.ErrUnavailable}
	return []fault{
		{name: "refused", script: []step{succeed}, at: nowhere, want: never},
		{
			name: "refused, by way of a RoundTripper of the caller's", script: []step{succeed},
			at: nowhereByForeignWays, want: unproved,
		},
		{name: "no such host", script: []step{succeed}, at: unknownHost, want: never},
		{name: "TLS hangs", script: []step{sayNothing}, at: overTLS, want: late},
		{name: "TLS hung up", script: []step{hangUp}, at: overTLS, want: never},
		{name: "HTTP where TLS should be", script: []step{speakPlainly}, at: overTLS, want: never},
		{name: "certificate of nobody", script: []step{byTLS(unknownCertificate, succeed)}, at: overTLS, want: once},
		{name: "certificate of another host", script: []step{byTLS(othersCertificate, succeed)}, at: overTLS, want: once},
	}
}
