package otpconfig_test

import (
	"fmt"
	"runtime"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// repeated is of so many bytes, or a little less.
func repeated(start string, size int, piece func(i int) string, end string) string {
	var b strings.Builder
	b.WriteString(start)
	for i := 0; b.Len() < size-len(end)-100; i++ {
		b.WriteString(piece(i))
	}
	return b.String() + end
}

func always(piece string) func(int) string { return func(int) string { return piece } }

// Larger files are refused without being read.
func TestLargestFiles(t *testing.T) {
	numbered := func(format string) func(int) string {
		return func(i int) string { return strings.ReplaceAll(format, "#", fmt.Sprint(i)) }
	}
	for name, s := range map[string]struct {
		format, start, end string
		piece              func(int) string
	}{
		"keys":              {"yaml", "", "", numbered("key#: x\n")},
		"unknown fields":    {"yaml", "providers:\n  main:\n", "", numbered("    fieldofnobody#: x\n")},
		"like fields":       {"yaml", "providers:\n  main:\n    vendor: insider\n", "", numbered("    timeoutt#: x\n")},
		"letters":           {"yaml", "", "", func(i int) string { return "k" + strings.Repeat("x", i%30) + ": 1\n" }},
		"providers":         {"yaml", "providers:\n", "", numbered("  p#: {vendor: insider, api_key: k}\n")},
		"vendors":           {"yaml", "providers:\n", "", numbered("  p#: {vendor: insiderr#}\n")},
		"misspelt vendors":  {"yaml", "providers:\n", "", numbered("  p#: {vendr: insider, api_kee: k}\n")},
		"failover":          {"yaml", "providers: {a: {vendor: insider, api_key: k}}\nsend: {failover: [", "]}", always("a, ")},
		"unknown failover":  {"yaml", "providers: {a: {vendor: insider, api_key: k}}\nsend: {failover: [", "]}", numbered("b#, ")},
		"prefixes":          {"yaml", "providers: {a: {vendor: insider, api_key: k}}\nsend: {by_prefix: {", "}}", numbered("+1#: a, ")},
		"flow list":         {"yaml", "providers: [", "]", always("a,")},
		"block list":        {"yaml", "providers:\n", "", always("- a\n")},
		"open lists":        {"yaml", "", "", always("[")},
		"open mappings":     {"yaml", "", "", always("{a: ")},
		"lists in lists":    {"yaml", "", "", always("- ")},
		"comments":          {"yaml", "a: 1\n", "", always("# x\n")},
		"indented comments": {"yaml", "a:\n  b:\n", "", always("      # x\n   # y\n")},
		"documents":         {"yaml", "", "", always("---\n")},
		"anchors":           {"yaml", "", "", numbered("a#: &a# x\n")},
		"aliases":           {"yaml", "a: &a [x]\nb: [", "]", always("*a,")},
		"merges":            {"yaml", "x-a: &a {b: c}\nproviders:\n  main:\n", "", always("    <<: *a\n")},
		"long text":         {"yaml", "a: \"", "\"", always("x")},
		"folded text":       {"yaml", "a: >\n", "", always("  x\n")},
		"plain text":        {"yaml", "a: ", "", always("x\n  ")},
		"escapes":           {"yaml", "a: \"", "\"", always(`\x41`)},
		"long key":          {"yaml", "", ": x", always("x")},
		"colons":            {"yaml", "", "", always("a:")},
		"questions":         {"yaml", "", "", always("? a\n")},
		"question marks":    {"yaml", "", "", always("? ")},
		"tags":              {"yaml", "a: [", "]", always("!!str x, ")},
		"percent":           {"yaml", "", "", always("%YAML 1.1\n")},
		"tag directives":    {"yaml", "", "", numbered("%TAG !a#! tag:x,2000:\n")},
		"nothing":           {"yaml", "", "", always("\x00")},
		"spaces":            {"yaml", "", "", always(" ")},
		"tabs":              {"yaml", "a:\n", "", always("\t")},
		"line breaks":       {"yaml", "", "", always("\n")},
		"variables":         {"yaml", "providers: {a: {vendor: insider, api_key: '", "'}}", always("${A:-}")},
		"texts":             {"yaml", "providers: {a: {vendor: owncode, sender: b, key: k, texts: [", "]}}", always("{locale: x, text: y}, ")},
		"test numbers":      {"yaml", "test_numbers: {numbers: [", "]}", always("{number: x, code: y}, ")},
		"members of JSON":   {"json", "{", `"a": 1}`, numbered(`"key#": 1, `)},
		"list of JSON":      {"json", "[", "1]", always("1,")},
		"depth of JSON":     {"json", "", "", always("[")},
		"text of JSON":      {"json", `{"a": "`, `"}`, always("x")},
		"lines of JSON":     {"json", `{"a": `, `1}`, always("\n")},
		"providers of JSON": {"json", `{"providers": {`, `"a": {}}}`, numbered(`"p#": {"vendor": "insider", "api_key": "k"}, `)},
		"a valid file":      {"yaml", "# ", "\nproviders:\n" + valid(2000), always("x")},
	} {
		t.Run(name, func(t *testing.T) {
			data := []byte(repeated(s.start, 256<<10, s.piece, s.end))
			var before, after runtime.MemStats
			runtime.ReadMemStats(&before)
			_, err := otpconfig.Parse(data, s.format)
			runtime.ReadMemStats(&after)
			assert.Less(t, (after.TotalAlloc-before.TotalAlloc)>>20, uint64(100), "MiB")
			if name == "a valid file" {
				assert.NoError(t, err)
			} else {
				assert.ErrorIs(t, err, otp.ErrMisconfigured)
			}
		})
	}
}

// BenchmarkParseLargest reads the file that takes longest of those that are read at all.
func BenchmarkParseLargest(b *testing.B) {
	data := []byte(repeated("# ", 256<<10, always("x"), "\nproviders:\n"+valid(2000)))
	for b.Loop() {
		if _, err := otpconfig.Parse(data, "yaml"); err != nil {
			b.Fatal(err)
		}
	}
}

// valid is a file of so many providers, all of which are used.
func valid(n int) string {
	var providers, names strings.Builder
	for i := range n {
		fmt.Fprintf(&providers, "  p%d: {vendor: insider, api_key: k%d}\n", i, i)
		fmt.Fprintf(&names, "p%d, ", i)
	}
	return providers.String() + "send: {failover: [" + names.String() + "]}\n"
}
