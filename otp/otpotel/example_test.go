package otpotel_test

import (
	"context"
	"fmt"
	"slices"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"
	"go.opentelemetry.io/otel/sdk/trace"
	"go.opentelemetry.io/otel/sdk/trace/tracetest"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpotel"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func ExampleWrap() {
	// In a program, exporters of your choice: OTLP, Prometheus, ...
	spans, reader := tracetest.NewInMemoryExporter(), metric.NewManualReader()
	phone := otptest.NewProvider()
	provider, err := otpotel.Wrap(phone,
		otpotel.WithTracerProvider(trace.NewTracerProvider(trace.WithSyncer(spans))),
		otpotel.WithMeterProvider(metric.NewMeterProvider(metric.WithReader(reader))),
	)
	if err != nil {
		fmt.Println(err)
		return
	}
	ctx := context.Background()

	v, err := provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
	fmt.Println(err)
	fmt.Println(provider.Verify(ctx, v, "0000"))
	code, _ := phone.Code("+905321234567")
	fmt.Println(provider.Verify(ctx, v, code))

	for _, span := range spans.GetSpans() {
		fmt.Println(span.Name)
	}
	printSums(reader)
	// Output:
	// <nil>
	// otptest: verify: wrong code, 2 attempts left
	// <nil>
	// send otp
	// verify otp
	// verify otp
	// otp.codes.sent 1 {otp.calling_code=+90,otp.channel=sms,otp.vendor=otptest}
	// otp.codes.verified 1 {otp.calling_code=+90,otp.channel=sms,otp.vendor=otptest}
	// otp.sends 1 {otp.channel=sms,otp.outcome=accepted,otp.vendor=otptest}
	// otp.verifications 1 {otp.result=verified,otp.vendor=otptest}
	// otp.verifications 1 {otp.result=wrong_code,otp.vendor=otptest}
}

// printSums prints what has been counted.
func printSums(reader *metric.ManualReader) {
	var collected metricdata.ResourceMetrics
	if err := reader.Collect(context.Background(), &collected); err != nil {
		fmt.Println(err)
	}
	var lines []string
	for _, scope := range collected.ScopeMetrics {
		for _, m := range scope.Metrics {
			sum, _ := m.Data.(metricdata.Sum[int64])
			for _, p := range sum.DataPoints {
				labels := p.Attributes.Encoded(attribute.DefaultEncoder())
				lines = append(lines, fmt.Sprintf("%s %d {%s}", m.Name, p.Value, labels))
			}
		}
	}
	slices.Sort(lines)
	for _, line := range lines {
		fmt.Println(line)
	}
}
