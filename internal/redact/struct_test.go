package redact_test

import (
	"encoding/hex"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/redact"
)

// config is built as the vendors build theirs.
type config struct {
	SID    string
	APIKey string `mask:"secret"`
	Tries  int
}

func (c config) Format(s fmt.State, verb rune) { redact.Format(s, verb, c) }

func TestNoVerbShowsAConfigsKey(t *testing.T) {
	c := config{SID: "AC1", APIKey: key, Tries: 3}
	type around struct {
		C config
		P *config
	}
	// Package fmt serves %T and %p by itself, and %w prints fields; vet refuses the latter two for a
	// struct.
	verbs := strings.NewReplacer("T", "", "p", "", "w", "").Replace("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")
	for _, holder := range []any{c, &c, []config{c}, map[string]config{"c": c}, around{c, &c}, &around{c, &c}, []any{c, &c}} {
		for _, verb := range verbs {
			for _, flags := range []string{"", "+", "#", "-", " ", "0", "20", "-30.25", "+#"} {
				text := strings.ToLower(fmt.Sprintf("%"+flags+string(verb), holder))
				require.NotContains(t, text, key)
				require.NotContains(t, text, hex.EncodeToString([]byte(key)))
				require.NotContains(t, text, fmt.Sprintf("% x", key))
			}
		}
	}
}

func TestAConfigIsPrintedUnderTheVerbThatWasAskedFor(t *testing.T) {
	c, masked := config{SID: "AC1", APIKey: key, Tries: 3}, redact.Struct(config{SID: "AC1", APIKey: key, Tries: 3})
	for _, form := range []string{
		"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%20v", "%-20v|", "%06d", "% x", "%.2s", "%20.5q",
	} {
		assert.Equal(t, fmt.Sprintf(form, masked), fmt.Sprintf(form, c), form)
	}
	assert.Equal(t, "{SID:AC1 APIKey:[redacted] Tries:3}", fmt.Sprintf("%+v", c))
	assert.Equal(t, "{SID: APIKey: Tries:0}", fmt.Sprintf("%+v", config{}), "a key that is not set does not look set")
}
