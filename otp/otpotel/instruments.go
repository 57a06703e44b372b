package otpotel

import (
	"errors"

	"go.opentelemetry.io/otel/metric"
)

// instruments are all that is measured. Their names, units and descriptions are what
// docs/telemetry.md lists.
type instruments struct {
	sends          metric.Int64Counter
	verifications  metric.Int64Counter
	codesSent      metric.Int64Counter
	codesVerified  metric.Int64Counter
	duration       metric.Float64Histogram
	retries        metric.Int64Counter
	waits          metric.Float64Histogram
	failovers      metric.Int64Counter
	guardDecisions metric.Int64Counter
	breaker        metric.Int64Gauge
	receipts       metric.Int64Counter
	undelivered    metric.Int64Counter
	delivery       metric.Float64Histogram
}

// boundaries are those that the messaging conventions want for durations, and further ones up to
// the longest wait.
func boundaries() metric.HistogramOption {
	return metric.WithExplicitBucketBoundaries(
		0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1, 2.5, 5, 7.5, 10, 15, 30, 60)
}

func newInstruments(m metric.Meter) (instruments, error) {
	var errs []error
	counter := func(name, unit, description string) metric.Int64Counter {
		c, err := m.Int64Counter(name, metric.WithUnit(unit), metric.WithDescription(description))
		errs = append(errs, err)
		return c
	}
	histogram := func(name, description string, boundaries metric.HistogramOption) metric.Float64Histogram {
		h, err := m.Float64Histogram(name, metric.WithUnit("s"), metric.WithDescription(description), boundaries)
		errs = append(errs, err)
		return h
	}
	i := instruments{
		sends:          counter("otp.sends", "{send}", "Calls of Send, by what became of them"),
		verifications:  counter("otp.verifications", "{verification}", "Calls of Verify, by what became of them"),
		codesSent:      counter("otp.codes.sent", "{code}", "Codes that a person holds or may hold"),
		codesVerified:  counter("otp.codes.verified", "{code}", "Codes that a person typed rightly"),
		duration:       histogram("otp.call.duration", "Time that a call took, waits and retries included", boundaries()),
		retries:        counter("otp.retries", "{retry}", "Further requests of one call to one vendor"),
		waits:          histogram("otp.wait.duration", "Waits of a millisecond or more before a request", boundaries()),
		failovers:      counter("otp.failovers", "{failover}", "Sends handed to a router's next provider"),
		guardDecisions: counter("otp.guard.decisions", "{decision}", "Rules of a guard that had something against a call"),
		receipts:       counter("otp.receipts", "{receipt}", "Receipts of vendors, by what became of the message"),
		undelivered:    counter("otp.receipts.undelivered", "{receipt}", "Receipts that say undelivered or expired, by the vendor's code"),
		delivery: histogram("otp.delivery.duration", "Time from the call of Send to the delivery that the vendor reports",
			metric.WithExplicitBucketBoundaries(1, 2.5, 5, 7.5, 10, 15, 30, 60, 120, 300, 600, 1800, 3600)),
	}
	var err error
	i.breaker, err = m.Int64Gauge("otp.breaker.state", metric.WithUnit("{state}"),
		metric.WithDescription("0 closed, 1 half-open, 2 open; there is no value before the first change"))
	return i, errors.Join(append(errs, err)...)
}
