// Package otpotel watches a provider with OpenTelemetry: a span for every send and verification,
// and metrics.
//
//	provider, err := otpotel.Wrap(router,
//		otpotel.WithTracerProvider(tracerProvider), otpotel.WithMeterProvider(meterProvider))
//
// It needs OpenTelemetry's API alone: which SDK and exporters receive the data is up to the
// program, and nothing is read from OpenTelemetry's globals. It is a module of its own, so that
// programs without it do not inherit OpenTelemetry.
//
// Wrap the outermost provider, once: a wrapper inside another one counts every call again. The
// wrapper also sees what happens inside: retries, failovers and waits.
//
// # What is recorded
//
// The page docs/telemetry.md lists every metric and attribute, and what to alert on. A send is
// counted for the vendor that sent it, no matter which router chose it.
//
// # What is never recorded
//
// No number, code, verification or text of a vendor's is in any span or metric, and no label
// holds a free text of a caller or a vendor: a value that is not known beforehand is recorded as
// "unknown", or "_OTHER" for an error. Only the country calling code of a number is recorded. No
// trace context travels to a vendor.
//
// Telemetry does not change what becomes of a call: a panic in an exporter is dropped.
package otpotel
