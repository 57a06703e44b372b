package simtest

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/stretchr/testify/assert"
	"go.yaml.in/yaml/v3"
)

// Printed is v in every form in which programs print, log and encode values that mask themselves.
func Printed(v any) map[string]string {
	forms := map[string]string{"error": fmt.Errorf("wrapped: %v", v).Error()}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%t", "%T", "%10v", "% x"} {
		forms[verb] = fmt.Sprintf(verb, v)
		forms["in a struct "+verb] = fmt.Sprintf(verb, struct{ V any }{v})
	}
	var text, structured bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("x", "v", v, "nested", struct{ V any }{v})
	slog.New(slog.NewJSONHandler(&structured, nil)).Info("x", "v", v, "nested", struct{ V any }{v})
	forms["slog text"], forms["slog JSON"] = text.String(), structured.String()
	if b, err := json.Marshal(v); err == nil {
		forms["JSON"] = string(b)
	}
	forms["YAML"] = yamlOf(v)
	return forms
}

// yamlOf is empty for what cannot be YAML: the package panics on it.
func yamlOf(v any) (text string) {
	defer func() { _ = recover() }()
	b, _ := yaml.Marshal(v)
	return string(b)
}

// PrintedDeep is [Printed], and v in forms that look behind its methods, for values that hold
// secrets where nothing finds them; a Config is no such value.
func PrintedDeep(v any) map[string]string {
	forms := Printed(v)
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%d", "%p"} {
		forms["in an unexported field "+verb] = fmt.Sprintf(verb, struct{ v any }{v})
	}
	forms["%p"] = fmt.Sprintf("%p", v)
	var diff diffs
	assert.Equal(&diff, v, "something else")
	assert.Equal(&diff, []any{v}, []any{"something else"})
	forms["a failed assertion"] = string(diff)
	var encoded bytes.Buffer
	if err := gob.NewEncoder(&encoded).Encode(v); err == nil {
		forms["gob"] = encoded.String()
	}
	return forms
}

type diffs string

func (d *diffs) Errorf(format string, args ...any) { *d += diffs(fmt.Sprintf(format, args...)) }
