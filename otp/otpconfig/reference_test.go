package otpconfig

import (
	"fmt"
	"os"
	"reflect"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
)

const (
	referenceBegins = "<!-- fields: written by go test ./otp/otpconfig -update -->\n"
	referenceEnds   = "<!-- end of fields -->\n"
)

func TestPageListsAllFields(t *testing.T) {
	const path = "../../docs/configuration.md"
	page, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, begins := strings.Cut(string(page), referenceBegins)
	_, after, ends := strings.Cut(rest, referenceEnds)
	require.True(t, begins && ends)
	upToDate(t, path, before+referenceBegins+reference(t)+referenceEnds+after)
}

func reference(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	table := func(title string, structure reflect.Type) {
		fmt.Fprintf(&b, "\n%s\n\n| field | meaning |\n| --- | --- |\n", title)
		writeKeys(t, &b, "", structure)
	}
	fmt.Fprintf(&b, "\nAt the top:\n\n| field | meaning |\n| --- | --- |\n")
	for _, line := range [][2]string{
		{"providers", "The providers by name. Names live in stored verifications: keep them."},
		{"send", "Which provider a send goes to: the name of one, or one of `" + strings.Join(strategyKinds(), "`, `") + "`, see below. It may be left out where there is only one."},
		{"verify_only", "Providers that send no more, and still verify what they have sent."},
		{"guard", "Limits on abuse, see below."},
		{"test_numbers", "Numbers with fixed codes, see below."},
	} {
		fmt.Fprintf(&b, "| `%s` | %s |\n", line[0], line[1])
	}
	for _, v := range vendorsByConfig(Vendors()) {
		table("Of a provider whose `vendor` is `"+strings.Join(v.names, "` or `")+"`:", v.config)
	}
	table("Of every provider; own codes have those alone that are not about requests:", reflect.TypeFor[common]())
	b.WriteString("\nOf `send`, each of which may hold further ones in the place of a name:\n\n| field | meaning |\n| --- | --- |\n")
	for _, kind := range strategyKinds() {
		fmt.Fprintf(&b, "| `%s` | %s |\n", kind, strategyMeaning[kind])
	}
	b.WriteString("| `name` | The router's name, for metrics. Default: its place, such as \"send.90\". |\n")
	table("Of `send` beside `learning`:", reflect.TypeFor[learningRules]())
	table("Of `guard`:", reflect.TypeFor[guardRules]())
	table("Of `test_numbers`:", reflect.TypeFor[testNumbers]())
	b.WriteString("\n")
	return b.String()
}

// strategyMeaning is what each kind of strategy does.
var strategyMeaning = map[string]string{
	failover: "A list. The next one is asked when the one before has certainly sent nothing.",
	weighted: "A list of `{provider: main, weight: 3}`. Each gets its share of the sends.",
	learning: "A list, whose items may be `{provider: main, price: 0.05}`. Each gets its share by how many of its codes are typed.",
	byPrefix: "Providers by the beginning of the number: `\"+90\"`. The longest decides; `\"\"` is for all others.",
}

// writeKeys lists the fields of a struct, those of structs inside of it by their paths.
func writeKeys(t *testing.T, b *strings.Builder, prefix string, structure reflect.Type) {
	t.Helper()
	fields, _ := fieldsOf(structure)
	comment := documented(t, structure)
	for _, f := range fields {
		kind, name := f.kind, prefix+f.name
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		meaning := strings.ReplaceAll(comment[f.name], "|", `\|`)
		if f.secret {
			meaning += " Or `" + f.fileField() + "`, the path of a file that holds it."
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", name, meaning)
		switch {
		case isGroup(kind):
			writeKeys(t, b, name+".", kind)
		case kind.Kind() == reflect.Slice && isGroup(kind.Elem()):
			writeKeys(t, b, name+"[].", kind.Elem())
		}
	}
}

// named is a Config, and the vendors that have it.
type named struct {
	names  []string
	config reflect.Type
}

func vendorsByConfig(r *Registry) []named {
	var all []named
	at := make(map[reflect.Type]int)
	for _, name := range r.names() {
		config := r.vendors[name].config
		if _, known := at[config]; !known {
			at[config] = len(all)
			all = append(all, named{config: config})
		}
		all[at[config]].names = append(all[at[config]].names, name)
	}
	return all
}
