package otptest

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"runtime"
	"runtime/pprof"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

type cell struct {
	*table

	fault  *fault
	result FaultResult

	server       *server
	provider     otp.Provider
	log          bytes.Buffer
	verification otp.Verification
	err          error
	took         time.Duration
	memory       uint64
	left         bool // goroutines
}

const (
	longest     = 8 * time.Second        // for what ends at once, however slow the machine
	grace       = 100 * time.Millisecond // by which a call may end after its deadline
	moment      = time.Second            // after which nothing of a call may be left
	longestText = 2000                   // of an error, in bytes
	mostMemory  = 16 << 20               // several times the megabyte that is read of an answer: buffers grow by doubling
)

// run lets the operation meet the fault, again where the time was a little too long.
func (c *cell) run(t tester) {
	deadline := c.deadline()
	for range 3 {
		if c.once(t); c.took <= deadline+grace && !c.left || c.took > deadline+3*moment {
			break
		}
	}
	taken, acted, known := c.server.count()
	c.result = FaultResult{
		Fault: c.fault.name, Op: c.op, Requests: taken, Outcome: otp.OutcomeOf(c.err), Slow: c.fault.slow,
	}
	if failure := (*otp.Error)(nil); errors.As(c.err, &failure) {
		c.result.Kind = failure.Kind
	}
	must(t, c.took <= deadline+grace, "a call must end by its deadline of %s, and took %s", deadline, c.took)
	must(t, !c.left, "a second after a call no goroutine that it started may be left")
	must(t, !c.fault.endless || c.memory < mostMemory, "an endless answer must be cut off, and took %d KiB", c.memory>>10)
	c.checkEffect(t, acted, known)
	c.checkError(t)
	for form, text := range printed(c.verification) {
		must(t, shows(text, c.hidden()) == "", "a Verification must not show number or code when printed (%s)", form)
	}
	secret := shows(c.log.String(), append(c.hidden(), c.Verification.ID))
	must(t, secret == "", "a log must not show what lets somebody in, and shows %q", secret)
}

func (c *cell) waits() bool { return c.fault.slow || c.fault.waits }

func (c *cell) deadline() time.Duration {
	if c.fault.slow {
		return time.Second
	}
	return cmp.Or(c.fault.deadline, longest)
}

func (c *cell) once(t tester) {
	c.log.Reset()
	c.server = newServer(c.fault, c.success)
	defer c.server.close()
	var baseURL string
	var through http.RoundTripper
	if c.fault.at != nil {
		baseURL, through = c.fault.at(c.server)
	}
	if c.server.URL == "" {
		c.server.Start()
	}
	options := []otp.Option{
		otp.WithRetry(otp.RetryPolicy{MinWait: time.Millisecond, MaxWait: time.Millisecond}),
		otp.WithLogger(slog.New(slog.NewJSONHandler(&c.log, &slog.HandlerOptions{Level: slog.LevelDebug}))),
	}
	if through != nil {
		options = append(options, otp.WithHTTPClient(&http.Client{Transport: through}))
	}
	p, err := c.Open(cmp.Or(baseURL, c.server.URL), options...)
	must(t, err == nil, "FaultHarness.Open must make a provider for %s: %v", baseURL, err)
	c.provider = p
	if c.fault.second {
		_, err = c.call(t.Context())
		must(t, err == nil, "the vendor's own success must be one: %v", err)
	}
	c.measure(t.Context())
	c.left = !c.fault.second && !endsSoon(c.server.URL)
}

func (c *cell) measure(ctx context.Context) {
	ctx, cancel := context.WithTimeout(ctx, c.deadline())
	defer cancel()
	defer time.AfterFunc(c.deadline()+moment, c.server.hangUp).Stop() // it ends a call that would never end
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	begun := time.Now()
	pprof.Do(ctx, pprof.Labels("call", c.server.URL), func(ctx context.Context) { c.verification, c.err = c.call(ctx) })
	c.took = time.Since(begun)
	runtime.ReadMemStats(&after)
	c.memory = after.TotalAlloc - before.TotalAlloc
}

func (c *cell) call(ctx context.Context) (otp.Verification, error) {
	if c.op == "send" {
		return c.provider.Send(ctx, c.Request)
	}
	v := c.Verification
	v.Provider = c.provider.Name()
	return otp.Verification{}, c.provider.Verify(ctx, v, c.Code)
}

// endsSoon waits for the goroutines of a label: closing a connection takes them a moment.
func endsSoon(label string) bool {
	for end := time.Now().Add(moment); time.Now().Before(end); time.Sleep(10 * time.Millisecond) {
		var profile bytes.Buffer
		_ = pprof.Lookup("goroutine").WriteTo(&profile, 1)
		if !strings.Contains(profile.String(), strconv.Quote(label)) {
			return true
		}
	}
	return false
}

func (c *cell) checkEffect(t tester, acted int, known otp.Outcome) {
	outcome, failed := c.result.Outcome, c.err != nil
	must(t, acted <= 1, "a %s must not be repeated unless certainly nothing was done: %d may have had effect", c.op, acted)
	must(t, !c.server.followed, "a redirect must not be followed: it may lead the key to somebody else")
	must(t, failed || known == otp.OutcomeAccepted, "an answer that is not the vendor's success must not count as one")
	must(t, failed || c.fault.retryAfter == 0, "a vendor must not be asked again before its Retry-After has passed")
	must(t, !errors.Is(c.err, otp.ErrCodeRejected), "a fault must not be reported as a rejected code: %v", c.err)
	must(t, !failed || outcome != otp.OutcomeAccepted, "without a verdict the outcome must not be accepted: %v", c.err)
	must(t, outcome != otp.OutcomeNotSent || known == otp.OutcomeNotSent,
		"the outcome must be unknown where the vendor may have done its work: %v", c.err)
}

func (c *cell) checkError(t tester) {
	if c.err == nil {
		return
	}
	failure := wellFormed(t, c.provider.Name(), c.op, c.err, c.hidden())
	must(t, len(c.err.Error()) <= longestText, "an error must have a bounded text, and has %d bytes", len(c.err.Error()))
	kinds := c.fault.kinds
	must(t, len(kinds) == 0 || slices.Contains(kinds, failure.Kind), "the Kind must be %q: %v", kinds, c.err)
	said := c.fault.retryAfter
	must(t, said == 0 || failure.RetryAfter == said, "Error.RetryAfter must be what the vendor said, %s: %v", said, c.err)
	must(t, c.op == "verify" || c.verification.IsZero() == (failure.Outcome == otp.OutcomeNotSent),
		"an unknown outcome must come with a Verification, and what was not sent without: %v, %v", c.verification, c.err)
}
