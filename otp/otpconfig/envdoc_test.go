package otpconfig

import (
	"fmt"
	"reflect"
	"strings"
	"testing"
)

func TestTheListOfVariablesIsWhatIsRead(t *testing.T) {
	registry := Vendors()
	var b strings.Builder
	b.WriteString(`# Variables

What ` + "`otpconfig.FromEnv`" + ` reads. This page is written by ` + "`go test ./otp/otpconfig -update`" + `.

Lists are separated by commas. A variable that is empty counts as not set.

## Which providers

| variable | meaning |
| --- | --- |
| ` + "`" + envConfig + "`" + ` | The path of a file that says everything. No other variable of this page is then read, except with ` + "`${NAME}`" + ` in it. |
| ` + "`" + envVendor + "`" + ` | The vendor, if there is one provider: ` + "`" + strings.Join(registry.names(), "`, `") + "`" + `. The provider has the same name. |
| ` + "`" + envProviders + "`" + ` | The names of the providers, if there are several: ` + "`main,backup`" + `. |
| ` + "`" + envFailover + "`" + ` | The providers to send by. The next one is asked when the one before has certainly sent nothing. |
| ` + "`" + envLearning + "`" + ` | The providers of which each gets its share of the sends by how many of its codes are typed, instead. |
| ` + "`" + envVerifyOnly + "`" + ` | The providers that send no more, and still verify what they have sent. |

## Fields of a provider

With ` + "`" + envVendor + "`" + `, the variables are called as they stand here. With ` + "`" + envProviders + "`" + `, the provider's name comes after ` + "`" + envPrefix + "`" + `, in capitals and with ` + "`_`" + `
for ` + "`-`" + ` and ` + "`.`" + `: ` + "`OTP_MAIN_API_KEY`" + `, and for each of them the vendor is in ` + "`OTP_MAIN_VENDOR`" + `.
`)
	for _, v := range vendorsByConfig(registry) {
		writeVariables(t, &b, strings.Join(v.names, ", "), envPrefix, v.config)
	}
	writeVariables(t, &b, "Every vendor", envPrefix, reflect.TypeFor[common]())
	b.WriteString("\n## The guard\n\nWith one of these variables there is a guard. See package guard.\n")
	writeVariables(t, &b, "Rules", envPrefix+"GUARD_", reflect.TypeFor[guardRules]())
	upToDate(t, "ENVIRONMENT.md", b.String())
}

func writeVariables(t *testing.T, b *strings.Builder, title, prefix string, structure reflect.Type) {
	t.Helper()
	fmt.Fprintf(b, "\n### %s\n\n| variable | meaning |\n| --- | --- |\n", title)
	writeFields(t, b, prefix, structure)
}

func writeFields(t *testing.T, b *strings.Builder, prefix string, structure reflect.Type) {
	t.Helper()
	fields, _ := fieldsOf(structure)
	comment := documented(t, structure)
	for _, f := range fields {
		kind := f.kind
		if kind.Kind() == reflect.Pointer {
			kind = kind.Elem()
		}
		variable := prefix + upper(f.name)
		if !hasVariable(kind) {
			continue
		}
		if isGroup(kind) {
			writeFields(t, b, variable+"_", kind)
			continue
		}
		fmt.Fprintf(b, "| `%s` | %s |\n", variable, comment[f.name])
		if f.secret {
			fmt.Fprintf(b, "| `%s_FILE` | The path of a file whose contents are `%s`. |\n", variable, variable)
		}
	}
}
