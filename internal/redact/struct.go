package redact

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"net/url"
	"reflect"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// Struct returns a copy of a struct for printing, without its methods, and with the fields masked
// that have a tag: mask:"secret", mask:"number", or mask:"url" for URLs but their host.
func Struct(v any) any {
	from := reflect.ValueOf(v)
	fields := make([]reflect.StructField, 0, from.NumField())
	for i := range from.NumField() {
		if field := from.Type().Field(i); field.IsExported() {
			fields = append(fields, reflect.StructField{Name: field.Name, Type: field.Type, Tag: field.Tag})
		}
	}
	to := reflect.New(reflect.StructOf(fields)).Elem()
	for i, field := range fields {
		to.Field(i).Set(maskedField(from.FieldByName(field.Name), field.Tag.Get("mask")))
	}
	return to.Interface()
}

func maskedField(value reflect.Value, how string) reflect.Value {
	if how == "" || value.IsZero() {
		return value
	}
	if value.Kind() != reflect.String {
		return reflect.Zero(value.Type())
	}
	masked := Masked
	switch how {
	case "number":
		number, rest, _ := strings.Cut(value.String(), "@") // a chat id ends in a host
		if masked = otp.Mask(number); rest != "" {
			masked += "@" + rest
		}
	case "url":
		masked = host(value.String())
	}
	shown := reflect.New(value.Type()).Elem()
	shown.SetString(masked)
	return shown
}

func host(raw string) string {
	u, err := url.Parse(raw)
	if err != nil || u.Host == "" {
		return Masked
	}
	return u.Scheme + "://" + u.Host
}

// Format prints a struct, masked by [Struct], as a fmt.Formatter.
func Format(s fmt.State, verb rune, v any) {
	_, _ = fmt.Fprintf(s, fmt.FormatString(s, verb), Struct(v))
}

// MarshalJSON writes a struct as JSON, masked by [Struct].
func MarshalJSON(v any) ([]byte, error) { return json.Marshal(Struct(v)) }

// MarshalText writes a struct on one line, masked by [Struct].
func MarshalText(v any) ([]byte, error) { return fmt.Appendf(nil, "%+v", Struct(v)), nil }

// Digest is a text that stands for parts, of which some may be secret.
func Digest(parts ...string) string {
	sum := sha256.Sum256([]byte(strings.Join(parts, "\x00")))
	return hex.EncodeToString(sum[:])
}
