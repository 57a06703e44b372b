package otpotel

import (
	"go.opentelemetry.io/otel/metric"
	"go.opentelemetry.io/otel/trace"
)

// Option sets a [Provider] up.
type Option func(*config)

type config struct {
	traces trace.TracerProvider
	meters metric.MeterProvider
}

// WithTracerProvider says where spans go. Nil, which is the default, makes none.
func WithTracerProvider(traces trace.TracerProvider) Option {
	return func(c *config) { c.traces = traces }
}

// WithMeterProvider says where metrics go. Nil, which is the default, makes none.
func WithMeterProvider(meters metric.MeterProvider) Option {
	return func(c *config) { c.meters = meters }
}
