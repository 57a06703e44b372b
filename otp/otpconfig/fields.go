package otpconfig

import (
	"encoding"
	"encoding/json"
	"fmt"
	"reflect"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

type field struct {
	name     string // in the file: the yaml tag
	index    int
	kind     reflect.Type
	required bool // its tag has no omitempty
	secret   bool // it can be read from a file, too
}

// The types that are not read as their kinds are.

func isDuration(t reflect.Type) bool { return t == reflect.TypeFor[time.Duration]() }
func isRate(t reflect.Type) bool     { return t == reflect.TypeFor[otp.Rate]() }

func readsText(t reflect.Type) bool {
	return reflect.PointerTo(t).Implements(reflect.TypeFor[encoding.TextUnmarshaler]())
}

// fieldsOf lists the fields of a struct, those of structs inside of it excepted. It refuses what
// could not be read.
func fieldsOf(t reflect.Type) ([]field, error) { return fieldsAt(t, 0) }

func fieldsAt(t reflect.Type, depth int) ([]field, error) {
	switch {
	case t.Kind() != reflect.Struct:
		return nil, fmt.Errorf("%s must be a struct", t)
	case depth > mostNested:
		return nil, fmt.Errorf("%s is nested too deeply", t)
	}
	var fields []field
	for i := range t.NumField() {
		f := t.Field(i)
		tag, hasTag := f.Tag.Lookup("yaml")
		name, options, _ := strings.Cut(tag, ",")
		switch {
		case name == "-" || !f.IsExported() && !f.Anonymous:
			continue
		case !hasTag || name == "" || strings.Contains(options, "inline"):
			return nil, fmt.Errorf("%s.%s must have a name in a yaml tag", t, f.Name)
		}
		if err := canRead(f.Type, depth); err != nil {
			return nil, err
		}
		fields = append(fields, field{
			name: name, index: i, kind: f.Type,
			required: !strings.Contains(options, "omit"), secret: f.Type.Kind() == reflect.String && f.Tag.Get("mask") == "secret",
		})
	}
	markSecrets(t, fields)
	return fields, nil
}

// mostNested also ends the walk through a type that holds itself.
const mostNested = 4

// canRead refuses the types that decoder.value does not know.
func canRead(t reflect.Type, depth int) error {
	if readsText(t) {
		return nil
	}
	if depth > mostNested {
		return fmt.Errorf("%s is nested too deeply", t)
	}
	switch t.Kind() {
	case reflect.String, reflect.Bool, reflect.Float64, reflect.Float32,
		reflect.Int, reflect.Int64, reflect.Int32, reflect.Int16, reflect.Int8,
		reflect.Uint, reflect.Uint64, reflect.Uint32, reflect.Uint16, reflect.Uint8:
		return nil
	case reflect.Pointer, reflect.Slice:
		return canRead(t.Elem(), depth+1)
	case reflect.Struct:
		_, err := fieldsAt(t, depth+1)
		return err
	default:
		return fmt.Errorf("a field of type %s cannot be read from a configuration", t)
	}
}

// markSecrets also finds the secret fields without a tag: those that the struct hides when it is
// marshalled.
func markSecrets(t reflect.Type, fields []field) {
	const canary = "otpconfig-looks-whether-this-is-hidden"
	for i, f := range fields {
		if f.kind.Kind() != reflect.String || f.secret {
			continue
		}
		probe := reflect.New(t).Elem()
		probe.Field(f.index).SetString(canary)
		shown, err := json.Marshal(probe.Interface())
		fields[i].secret = err == nil && !strings.Contains(string(shown), canary)
	}
}

func (f field) fileField() string { return f.name + "_file" }

func names(fields []field) []string {
	var all []string
	for _, f := range fields {
		all = append(all, f.name)
		if f.secret {
			all = append(all, f.fileField())
		}
	}
	return all
}
