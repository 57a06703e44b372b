package otpotel_test

import (
	"cmp"
	"context"
	"flag"
	"fmt"
	"maps"
	"os"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otp-sdk/otp-go/otp"
)

const document = "../../docs/telemetry.md"

var update = flag.Bool("update", false, "write the table of metrics into the document")

const (
	tableBegins = "<!-- metrics: written by go test ./otp/otpotel -update -->\n"
	tableEnds   = "<!-- end of metrics -->\n"
)

// everything is the telemetry of calls in which everything happens that there is a metric or an
// attribute for.
func everything(t *testing.T) *telemetry {
	t.Helper()
	failure := &otp.Error{Provider: "main", Kind: otp.ErrUnavailable, HTTPStatus: 503}
	p := telling(
		otp.AttemptEvent{Provider: "main", Number: 2, Kind: otp.ErrUnavailable, HTTPStatus: 503},
		otp.WaitEvent{Provider: "main", Reason: otp.WaitForLimit, Duration: time.Second},
		otp.FailoverEvent{Router: "main", From: "main", To: "main", Kind: otp.ErrUnavailable},
		otp.PassedOverEvent{Router: "main", Provider: "main", Kind: otp.ErrUnsupported, Field: "ttl"},
		otp.LearningEvent{Router: "main", Provider: "main", Change: otp.LearningLeader},
		otp.BreakerEvent{Provider: "main", To: otp.BreakerOpen},
		otp.GuardEvent{Provider: "main", Rule: "cooldown", Refused: true},
	)
	works := p.send
	p.send = func(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
		if req.Channel == otp.Voice {
			return otp.Verification{}, failure
		}
		return works(ctx, req)
	}
	watched, told := watch(t, p)
	_, err := watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.Voice})
	require.Error(t, err)
	require.NoError(t, watched.Verify(t.Context(), otp.Verification{Provider: "main", To: number}, "123456"))
	for _, status := range []otp.ReceiptStatus{otp.ReceiptDelivered, otp.ReceiptUndelivered} {
		watched.Receipt(t.Context(), otp.Receipt{Provider: "main", To: number, Status: status, VendorCode: "1404"})
	}
	return told
}

func TestTheDocumentListsTheMetricsThatThereAre(t *testing.T) {
	metrics := everything(t).metrics()
	slices.SortFunc(metrics, func(a, b metricdata.Metrics) int { return cmp.Compare(a.Name, b.Name) })
	table := "| metric | kind | unit | labels | what it counts |\n| --- | --- | --- | --- | --- |\n"
	for _, m := range metrics {
		table += fmt.Sprintf("| `%s` | %s | %s | %s | %s |\n", m.Name, kindOf(m), m.Unit, labelsOf(m), m.Description)
	}
	text, before, rest := cut(t)
	_, after, found := strings.Cut(rest, tableEnds)
	require.True(t, found)
	want := before + tableBegins + "\n" + table + "\n" + tableEnds + after
	if *update {
		require.NoError(t, os.WriteFile(document, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, text, "docs/telemetry.md is stale: go test ./otp/otpotel -update")
}

func cut(t *testing.T) (text, before, rest string) {
	t.Helper()
	raw, err := os.ReadFile(document)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(raw), tableBegins)
	require.True(t, found)
	return string(raw), before, rest
}

func kindOf(m metricdata.Metrics) string {
	switch m.Data.(type) {
	case metricdata.Sum[int64]:
		return "counter"
	case metricdata.Gauge[int64]:
		return "gauge"
	default:
		return "histogram"
	}
}

func labelsOf(m metricdata.Metrics) string {
	labels := make(map[string]bool)
	for _, p := range points(m) {
		addKeys(labels, p.labels.ToSlice())
	}
	return strings.Join(quoted(labels), ", ")
}

// quoted are the keys as they stand in the document.
func quoted(keys map[string]bool) []string {
	var names []string
	for key := range keys {
		names = append(names, "`"+key+"`")
	}
	slices.Sort(names)
	return names
}

func addKeys(keys map[string]bool, attrs []attribute.KeyValue) {
	for _, a := range attrs {
		keys[string(a.Key)] = true
	}
}

// documented is the first column of the table below a heading, and what else its rows quote.
func documented(t *testing.T, heading string) (first []string, rows map[string][]string) {
	t.Helper()
	text, _, _ := cut(t)
	_, section, found := strings.Cut(text, "\n## "+heading+"\n")
	require.True(t, found, heading)
	section, _, _ = strings.Cut(section, "\n## ")
	rows = make(map[string][]string)
	for _, row := range regexp.MustCompile("(?m)^\\| `([^`]+)` \\|(.*)$").FindAllStringSubmatch(section, -1) {
		quoted := regexp.MustCompile("`[^`]+`").FindAllString(row[2], -1)
		slices.Sort(quoted)
		first, rows[row[1]] = append(first, row[1]), quoted
	}
	slices.Sort(first)
	return first, rows
}

func TestTheDocumentListsTheAttributesThatThereAre(t *testing.T) {
	told := everything(t)
	onSpans, onMetrics := make(map[string]bool), make(map[string]bool)
	onEvents := make(map[string][]string)
	for _, span := range told.spans.GetSpans() {
		addKeys(onSpans, span.Attributes)
		for _, e := range span.Events {
			keys := make(map[string]bool)
			addKeys(keys, e.Attributes)
			onEvents[e.Name] = quoted(keys)
		}
	}
	for _, m := range told.metrics() {
		for _, p := range points(m) {
			addKeys(onMetrics, p.labels.ToSlice())
		}
	}
	spans, _ := documented(t, "Spans")
	labels, _ := documented(t, "Labels")
	_, events := documented(t, "Events on a span")
	assert.Equal(t, slices.Sorted(maps.Keys(onSpans)), spans)
	assert.Equal(t, slices.Sorted(maps.Keys(onMetrics)), labels)
	assert.Equal(t, onEvents, events)
}
