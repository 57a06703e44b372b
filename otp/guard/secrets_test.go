package guard_test

import (
	"bytes"
	"crypto/hkdf"
	"crypto/sha256"
	"encoding/binary"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// renderings are all the ways in which a program may print a value, by name.
func renderings(t *testing.T, value any) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%q", "%x", "%X", "%d", "%o", "%b", "%t", "%p"} {
		all[verb] = fmt.Sprintf(verb, value)
	}
	var text, lines bytes.Buffer
	slog.New(slog.NewTextHandler(&text, nil)).Info("made", "value", value)
	slog.New(slog.NewJSONHandler(&lines, nil)).Info("made", "value", value)
	all["slog text"], all["slog JSON"] = text.String(), lines.String()
	data, err := json.Marshal(value)
	require.NoError(t, err)
	all["JSON"] = string(data)
	return all
}

// traces are what a print of these bytes may look like: of eight at a time, each by itself; of
// four, as a number, which is what AES makes of its key.
func traces(secret []byte) []string {
	var all []string
	for part := range chunks(secret, 8) {
		for _, verb := range []string{"%s", "%x", "%X", "%d", "%#v", "%o", "%b"} {
			all = append(all, strings.Trim(strings.TrimPrefix(fmt.Sprintf(verb, part), "[]byte"), "[]{}"))
		}
	}
	for part := range chunks(secret, 4) {
		for _, order := range []binary.ByteOrder{binary.BigEndian, binary.LittleEndian} {
			word := order.Uint32(part)
			all = append(all, fmt.Sprint(word), fmt.Sprintf("%x", word), fmt.Sprintf("%X", word))
		}
	}
	return append(all, hex.EncodeToString(secret))
}

func chunks(b []byte, size int) func(func([]byte) bool) {
	return func(yield func([]byte) bool) {
		for ; len(b) >= size && yield(b[:size]); b = b[size:] {
		}
	}
}

func requireNoTrace(t *testing.T, value any, secret []byte) {
	t.Helper()
	for way, text := range renderings(t, value) {
		for _, trace := range traces(secret) {
			assert.NotContains(t, text, trace, "%T as %s", value, way)
		}
	}
}

func TestNoGuardShowsItsKey(t *testing.T) {
	secret := []byte("CanaryKeyOfAGuard-0123456789abcd")
	g, err := guard.New(otptest.NewProvider(), guard.WithStore(memory(t, 0)), guard.WithKey(secret))
	require.NoError(t, err)
	_, err = g.Send(t.Context(), otp.SendRequest{To: number}) // it has hashed with the key by now
	require.NoError(t, err)
	requireNoTrace(t, g, secret)
	requireNoTrace(t, *g, secret)
}

func TestNoSealerShowsItsKeys(t *testing.T) {
	older, newer := []byte("CanaryKeyOfASealer-0123456789abc"), []byte("AnotherCanaryKeyOfASealer-012345")
	s := sealer(t, newer, older)
	for _, secret := range [][]byte{older, newer} {
		derived, err := hkdf.Key(sha256.New, secret, nil, "otp-go guard.Sealer", 32)
		require.NoError(t, err)
		for _, bytes := range [][]byte{secret, derived} {
			requireNoTrace(t, s, bytes)
			requireNoTrace(t, *s, bytes)
		}
	}
}
