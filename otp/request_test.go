package otp_test

import (
	"bytes"
	"encoding/gob"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"log/slog"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"go.yaml.in/yaml/v3"

	"github.com/otp-sdk/otp-go/otp"
)

const ownCode = "083917"

// holder is how programs hold a value.
type holder[T any] struct {
	V    T
	P    *T
	List []T
	Map  map[string]T
}

func held[T any](v T) holder[T] {
	return holder[T]{V: v, P: &v, List: []T{v}, Map: map[string]T{"v": v}}
}

// printed is v in every form in which package fmt prints it.
func printed(v any) map[string]string {
	forms := map[string]string{"Sprint": fmt.Sprint(v), "Sprintln": fmt.Sprintln(v), "error": fmt.Errorf("%v", v).Error()}
	// Package fmt serves %T and %p by itself, and %w prints fields; vet refuses the latter two for
	// a struct.
	verbs := strings.NewReplacer("T", "", "p", "", "w", "").Replace("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for _, verb := range verbs {
		for _, flags := range []string{"", "+", "#", "-", " ", "0", "20", "-20.3", "+#"} {
			form := "%" + flags + string(verb)
			forms[form] = fmt.Sprintf(form, v)
		}
	}
	return forms
}

// logForms is v in the logs of package slog.
func logForms(v any) map[string]string {
	var text, object bytes.Buffer
	for _, handler := range []slog.Handler{slog.NewTextHandler(&text, nil), slog.NewJSONHandler(&object, nil)} {
		slog.New(handler).With("bound", v).WithGroup("group").Info("sent", "v", v, slog.Group("inner", "v", v))
	}
	return map[string]string{"slog text": text.String(), "slog JSON": object.String()}
}

// encoded is v as every encoder writes it that can.
func encoded(t *testing.T, v any) map[string]string {
	t.Helper()
	object, err := json.Marshal(v)
	require.NoError(t, err)
	forms := map[string]string{"JSON": string(object)}
	text, err := yaml.Marshal(v)
	require.NoError(t, err)
	forms["YAML"] = string(text)
	var stream bytes.Buffer
	require.NoError(t, gob.NewEncoder(&stream).Encode(v))
	forms["gob"] = stream.String()
	return forms
}

func TestARequestIsMaskedInEveryForm(t *testing.T) {
	previous := otp.Verification{Provider: "main", ID: "1", To: number}
	req := otp.SendRequest{
		To: number, Channel: otp.SMS, Code: ownCode, Previous: &previous, Options: []otp.SendOption{secretOption{ownCode}},
	}
	all := held(req)
	type inXML struct {
		V    otp.SendRequest
		P    *otp.SendRequest
		List []otp.SendRequest
		Attr otp.SendRequest `xml:",attr"`
	}
	document, err := xml.Marshal(inXML{req, &req, []otp.SendRequest{req}, req})
	require.NoError(t, err)
	forms := []map[string]string{{"XML": string(document)}}
	for _, v := range []any{req, &req, all, &all} {
		forms = append(forms, printed(v), logForms(v), encoded(t, v))
	}
	for _, some := range forms {
		for name, form := range some {
			requireMasked(t, form)
			require.NotContains(t, form, ownCode, name)
			require.NotContains(t, form, fmt.Sprintf("%x", ownCode), name)
		}
	}
}

// secretOption is an option that holds something, and says so when it is printed.
type secretOption struct{ code string }

func (secretOption) OTPVendor() string { return "somebody" }

func TestARequestSaysWhatItAsksFor(t *testing.T) {
	req := otp.SendRequest{
		To: number, Channel: otp.WhatsApp, Locale: "pt-BR", CodeLength: 6, TTL: 5 * time.Minute, MaxAttempts: 3,
		Code: ownCode, Previous: &otp.Verification{Provider: "main", ID: "1", To: number},
		Options: []otp.SendOption{secretOption{}},
	}
	assert.Equal(t, `send to +905*****67 by "whatsapp", locale "pt-BR", length 6, valid for 5m0s, 3 attempts, `+
		`own code: true, 1 options, again after main 1 to +905*****67`, req.String())
	object, err := json.Marshal(req)
	require.NoError(t, err)
	assert.JSONEq(t, `{"to": "+905*****67", "channel": "whatsapp", "locale": "pt-BR", "code_length": 6, "ttl": "5m0s",
		"max_attempts": 3, "code": "[redacted]", "previous": "main 1 to +905*****67"}`, string(object))
	object, err = json.Marshal(otp.SendRequest{To: number})
	require.NoError(t, err)
	assert.JSONEq(t, `{"to": "+905*****67"}`, string(object))
}

func TestARequestIsOneLineOfALog(t *testing.T) {
	req := otp.SendRequest{To: "+1\n2", Channel: "x\nlevel=INFO", Locale: "y\nz"}
	for _, form := range printed(req) {
		assert.NotContains(t, strings.TrimSuffix(form, "\n"), "\n")
	}
}
