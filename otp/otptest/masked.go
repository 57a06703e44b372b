package otptest

import (
	"bytes"
	"context"
	"encoding"
	"encoding/base64"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"io"
	"log"
	"log/slog"
	"maps"
	"net/url"
	"os"
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/otp-sdk/otp-go/otp"
)

// TestMasked checks that v, and a pointer to it, shows none of the secrets under any verb of
// package fmt, in a log, or to an encoder (JSON, XML, gob, YAML), nor does what an error wraps. Not
// in its reach: v in an unexported field of another, and verbs such as %w in Sprintf.
func TestMasked(t *testing.T, v any, secrets ...string) {
	t.Helper()
	mustHide(t, v, secrets)
	if reflect.ValueOf(v).Kind() != reflect.Pointer {
		p := reflect.New(reflect.TypeOf(v))
		p.Elem().Set(reflect.ValueOf(v))
		mustHide(t, p.Interface(), secrets)
	}
}

// TestConfig is [TestMasked] of a vendor's Config. The secrets are the values of the fields named,
// which valid has to fill in with texts that stand in no other field.
//
//	otptest.TestConfig(t, acme.Config{Token: "canary-4711", BaseURL: "https://acme.example"}, "Token")
func TestConfig[C any](t *testing.T, valid C, secretFields ...string) {
	t.Helper()
	must(t, len(secretFields) > 0, "TestConfig needs the names of the fields that hold secrets")
	for _, name := range secretFields {
		field := reflect.ValueOf(valid).FieldByName(name)
		must(t, field.IsValid(), "%T must have the field %s", valid, name)
		secret := fmt.Sprintf("%s", field.Interface())
		must(t, len(secret) >= shortest, "the test must fill in %T.%s, with four characters or more", valid, name)
		TestMasked(t, valid, secret)
	}
}

func mustHide(t tester, v any, secrets []string) {
	t.Helper()
	for _, forms := range []map[string]string{printed(v), encoded(v)} {
		all := strings.Join(slices.Collect(maps.Values(forms)), "\n")
		if shows(all, secrets) == "" {
			continue
		}
		for form, text := range forms {
			secret := shows(text, secrets)
			must(t, secret == "", "%T must not show a secret, number or code: %q is in its form %s", v, secret, form)
		}
	}
	if err, ok := v.(error); ok {
		for _, inner := range wrapped(err) {
			mustHide(t, inner, secrets)
		}
	}
}

func wrapped(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	if inner := errors.Unwrap(err); inner != nil {
		return []error{inner}
	}
	return nil
}

// shortest is how long a secret has to be: what is shorter stands in texts by chance.
const shortest = 4

// addresses are what Go prints of pointers, in which the digits of a code stand by chance.
var addresses = regexp.MustCompile(`0[xX][0-9a-fA-F]+|\b8[0-9]{11,}\b`)

// dumps are what %x makes of texts: "der" is 646572. One without a letter may be a number.
var dumps = regexp.MustCompile(`[0-9a-fA-F]{16,}`)

func shows(text string, secrets []string) string {
	const code = 8 // the longest secret that is not looked for where it stands by chance
	short := dumps.ReplaceAllStringFunc(addresses.ReplaceAllString(text, ""), func(dump string) string {
		if strings.ContainsAny(dump, "abcdefABCDEF") {
			return ""
		}
		return dump
	})
	for _, secret := range secrets {
		plain := text
		if len(secret) <= code {
			plain = short
		}
		if len(secret) >= shortest && (strings.Contains(plain, secret) || slices.ContainsFunc(spellings(secret), func(spelling string) bool {
			return strings.Contains(text, spelling)
		})) {
			return secret
		}
	}
	return ""
}

// spellings are how encoders and verbs write a secret, where they do not write it as it is.
func spellings(secret string) []string {
	all := []string{
		base64.StdEncoding.EncodeToString([]byte(secret)), strings.Trim(fmt.Sprintf("%d", []byte(secret)), "[]"),
		fmt.Sprintf("%x", secret), fmt.Sprintf("%X", secret), fmt.Sprintf("% x", secret),
	}
	if escaped := url.QueryEscape(secret); escaped != secret {
		all = append(all, escaped, strings.ToLower(escaped), url.QueryEscape(escaped))
	}
	return all
}

func printed(v any) map[string]string {
	forms := map[string]string{"in an error": fmt.Errorf("wrapped: %v", v).Error()}
	if err, ok := v.(error); ok {
		forms["Error()"] = err.Error()
	}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "% x", "%d", "%t", "%10v"} {
		forms[verb] = fmt.Sprintf(verb, v)
		forms["in a struct "+verb] = fmt.Sprintf(verb, struct{ V any }{v})
	}
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v, "nested", struct{ V any }{v})
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("x", "v", v)
	forms["slog text"], forms["slog JSON"] = text.String(), structured.String()
	return forms
}

func encoded(v any) map[string]string {
	asJSON, _ := json.Marshal([]any{v})
	asXML, _ := xml.Marshal(v)
	var asGob bytes.Buffer
	_ = gob.NewEncoder(&asGob).Encode(v)
	return map[string]string{"JSON": string(asJSON), "XML": string(asXML), "gob": asGob.String(), "YAML": asYAML(v)}
}

// asYAML is what YAML encoders write, by MarshalYAML, MarshalText, or the exported fields.
func asYAML(v any) string {
	switch m := v.(type) {
	case interface{ MarshalYAML() (any, error) }:
		plain, err := m.MarshalYAML()
		return fmt.Sprintf("%+v %v", plain, err)
	case encoding.TextMarshaler:
		text, _ := m.MarshalText()
		return string(text)
	}
	read := reflect.Indirect(reflect.ValueOf(v))
	if read.Kind() != reflect.Struct {
		return fmt.Sprint(v)
	}
	var fields strings.Builder
	for i := range read.NumField() {
		if read.Type().Field(i).IsExported() {
			_, _ = fmt.Fprintln(&fields, read.Field(i))
		}
	}
	return fields.String()
}

func captured(f func()) (text string) {
	file, err := os.CreateTemp("", "otptest")
	if err != nil {
		return err.Error()
	}
	stdout, stderr, logger := os.Stdout, os.Stderr, log.Writer() //nolint:forbidigo // to see that nobody writes there
	set := func(out, err *os.File, logger io.Writer) {
		os.Stdout, os.Stderr = out, err //nolint:forbidigo // likewise
		log.SetOutput(logger)           //nolint:forbidigo // likewise
	}
	defer func() {
		set(stdout, stderr, logger)
		written, _ := os.ReadFile(file.Name())
		_, _ = file.Close(), os.Remove(file.Name())
		text = string(written)
	}()
	set(file, file, file)
	f()
	return ""
}

// Refusal is a call with a bad value, config or option, which must be refused before any request.
type Refusal struct {
	// Call makes the call, with a client of its own if it likes.
	Call func(ctx context.Context) error

	// Kind and Field are what the error must have: otp.ErrMisconfigured and "api_key", say.
	Kind  otp.Kind
	Field string

	Op string // the Error.Op that the error must have. "" = any
}

// TestRefusals makes every call and checks that its error names field and rule, is not sent, and
// hides the secrets, and that requests, a count of the vendor's (nil = none), stays as it is.
func TestRefusals(t *testing.T, requests func() int, secrets []string, refusals map[string]Refusal) {
	t.Helper()
	if requests == nil {
		requests = func() int { return 0 }
	}
	for name, r := range refusals {
		t.Run(name, func(t *testing.T) { r.check(t, requests, secrets) })
	}
}

func (r Refusal) check(t tester, requests func() int, secrets []string) {
	before := requests()
	err := r.Call(t.Context())
	must(t, err != nil, "a bad value must be refused, and was taken")
	must(t, requests() == before, "a bad value must be refused before any request, and the vendor was asked: %v", err)
	var failure *otp.Error
	must(t, errors.As(err, &failure), "every error must be or wrap an *otp.Error, and this is a %T: %v", err, err)
	must(t, failure.Provider != "", "Error.Provider must say whose error it is: %v", err)
	must(t, r.Op == "" || failure.Op == r.Op, "Error.Op must be %q, and is %q", r.Op, failure.Op)
	must(t, failure.Kind == r.Kind, "the Kind must be %q, and is %q: %v", string(r.Kind), string(failure.Kind), err)
	must(t, failure.Field == r.Field, "Error.Field must be %q, and is %q: %v", r.Field, failure.Field, err)
	must(t, failure.Outcome == otp.OutcomeNotSent, "what is refused before any request must have OutcomeNotSent: %v", err)
	must(t, failure.Err != nil && failure.Err.Error() != "", "the error must say which rule was broken: %v", err)
	must(t, failure.Kind.Is(otp.ErrCodeRejected) || strings.Contains(err.Error(), failure.Err.Error()),
		"the text of the error must say which rule was broken: %v", err)
	mustHide(t, err, secrets)
}
