package otpotel

import (
	"cmp"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otp-sdk/otp-go/internal/callingcode"
)

// Attributes of OpenTelemetry's conventions.
const (
	httpStatus  = "http.response.status_code"
	httpResends = "http.request.resend_count"
)

// labels are what tells one series of a metric from another, and what stands on spans and their
// events; "" = not there. Each value is from a small, fixed stock: nothing that a caller or a
// vendor writes at will may get here.
type labels struct {
	provider, vendor, operation, channel, outcome, result, errorType, callingCode string

	reason, router, from, to, field, state, rule, refused, status, vendorCode string

	messagingSystem, messagingOperation string
}

func (l labels) attributes() []attribute.KeyValue {
	all := [...]struct{ key, value string }{
		{"otp.provider", l.provider},
		{"otp.vendor", l.vendor},
		{"otp.operation", l.operation},
		{"otp.channel", l.channel},
		{"otp.outcome", l.outcome},
		{"otp.result", l.result},
		{"error.type", l.errorType},
		{"otp.calling_code", l.callingCode},
		{"otp.reason", l.reason},
		{"otp.router", l.router},
		{"otp.from", l.from},
		{"otp.to", l.to},
		{"otp.field", l.field},
		{"otp.state", l.state},
		{"otp.rule", l.rule},
		{"otp.refused", l.refused},
		{"otp.status", l.status},
		{"otp.vendor_code", l.vendorCode},
		{"messaging.system", l.messagingSystem},
		{"messaging.operation.name", l.messagingOperation},
		{"messaging.operation.type", l.messagingOperation},
	}
	attrs := make([]attribute.KeyValue, 0, len(all))
	for _, a := range all {
		if a.value != "" {
			attrs = append(attrs, attribute.String(a.key, a.value))
		}
	}
	return attrs
}

// option is the labels of one measurement.
func (l labels) option() metric.MeasurementOption {
	return metric.WithAttributeSet(attribute.NewSet(l.attributes()...))
}

// callingCode is the country calling code of a number; that of what is no E.164 number is unknown.
func callingCode(number string) string { return cmp.Or(callingcode.Of(number), unknown) }
