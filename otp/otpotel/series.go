package otpotel

import (
	"cmp"
	"slices"
	"strings"

	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/metric"

	"github.com/otp-sdk/otp-go/otp"
)

// ending is what became of a call, in values that are fit for labels. There are not many different
// ones, so the series of each is made once.
type ending struct {
	op, provider, vendor, channel, outcome string

	kind otp.Kind // "" = success

	callingCode string // "" = not recorded
}

// series is what all calls that end alike have in common: the labels of what is counted, and the
// attributes of the span.
type series struct {
	count []metric.AddOption // of calls
	codes []metric.AddOption // of codes; nil = none is counted
	took  []metric.RecordOption
	attrs []attribute.KeyValue
}

func (p *Provider) seriesOf(e ending) *series {
	known, found := p.endings.get(e)
	if !found {
		e.callingCode = strings.Clone(e.callingCode) // else it would keep the whole number in memory
		known = e.series()
		p.endings.put(e, known)
	}
	return known
}

func (e ending) series() *series {
	counted, onSpan := e.labels()
	s := &series{
		count: []metric.AddOption{counted.option()},
		took:  []metric.RecordOption{labels{vendor: e.vendor, operation: e.op, outcome: e.outcome}.option()},
		attrs: slices.Clone(onSpan.attributes()), // which leaves its spare room behind
	}
	if e.callingCode != "" {
		s.codes = []metric.AddOption{labels{vendor: e.vendor, channel: e.channel, callingCode: e.callingCode}.option()}
	}
	return s
}

func (e ending) labels() (counted, onSpan labels) {
	onSpan = labels{provider: e.provider, vendor: e.vendor, outcome: e.outcome, callingCode: e.callingCode}
	if e.op == opVerify {
		onSpan.result = cmp.Or(string(e.kind), resultVerified)
		if !e.kind.Is(otp.ErrCodeRejected) {
			onSpan.errorType = string(e.kind)
		}
		return labels{vendor: e.vendor, result: onSpan.result}, onSpan
	}
	counted = labels{vendor: e.vendor, channel: e.channel, outcome: e.outcome, errorType: string(e.kind)}
	onSpan.channel, onSpan.errorType = counted.channel, counted.errorType
	onSpan.messagingSystem, onSpan.messagingOperation = e.vendor, opSend
	return counted, onSpan
}
