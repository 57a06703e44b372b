package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// person types the code when asked for it, and with a typing error if err is set.
type person struct {
	t      *testing.T
	server *otpsim.Server
	to     string
	err    bool
}

func (p *person) Read(into []byte) (int, error) {
	ctx, cancel := context.WithTimeout(p.t.Context(), 5*time.Second)
	defer cancel()
	m, err := p.server.Inbox.Next(ctx, p.to)
	require.NoError(p.t, err)
	if p.err {
		m.Code = m.Code[1:] + m.Code[:1]
	}
	return copy(into, m.Code[:2]+" "+m.Code[2:]+"\n"), nil
}

func recording(t *testing.T, v vendor, in io.Reader, args ...string) (got result, har string) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recorded.har")
	config := file(t, "providers: {main: "+v.config(v.URL)+"}")
	var out, notes strings.Builder
	c := console{in: in, out: &out, notes: &notes}
	code := c.run(t.Context(), append([]string{"record", "-config", config, "-o", path}, args...))
	data, _ := os.ReadFile(path) // or there is none
	return result{code, out.String(), notes.String()}, string(data)
}

func TestRecordingsCanBeReplayed(t *testing.T) {
	const number = "+905321234567"
	for _, v := range vendors(t) {
		got, har := recording(t, v, &person{t: t, server: v.Server, to: number}, number)
		require.Zero(t, got.code, got.notes)
		assert.Contains(t, got.notes, "recorded: 2 requests in ")
		text, _ := v.Inbox.Last(number)
		secrets := append(v.secrets, "905321234567", "5321234567", "321234567", text.Code, text.ID)
		for _, secret := range secrets {
			assert.NotContains(t, har, secret, v.name)
		}
		require.True(t, json.Valid([]byte(har)))

		r, err := otpsim.Replay(archive(t, har))
		require.NoError(t, err)
		defer r.Close()
		cfg, err := otpconfig.Parse([]byte("providers: {main: "+v.config(r.URL)+"}"), "yaml")
		require.NoError(t, err)
		provider, err := cfg.Provider()
		require.NoError(t, err)
		sent, err := provider.Send(t.Context(), otp.SendRequest{To: "+12025550101"})
		require.NoError(t, err, v.name)
		require.NoError(t, provider.Verify(t.Context(), sent, "900001"), v.name)
		require.NoError(t, r.Err())
		for _, secret := range secrets {
			assert.NotContains(t, sent.ID+sent.To, secret)
		}
	}
}

func archive(t *testing.T, har string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "recorded.har")
	require.NoError(t, os.WriteFile(path, []byte(har), 0o600))
	return path
}

func TestRecordingsKeepFailures(t *testing.T) {
	const number = "+905321234567"
	for _, v := range vendors(t) {
		got, har := recording(t, v, &person{t: t, server: v.Server, to: number, err: true}, number)
		assert.Equal(t, exitRejected, got.code, got.notes)
		text, _ := v.Inbox.Last(number)
		for _, secret := range append(v.secrets, "905321234567", text.Code, text.ID, text.Code[1:]+text.Code[:1]) {
			assert.NotContains(t, har, secret, v.name)
		}
		r, err := otpsim.Replay(archive(t, har))
		require.NoError(t, err)
		r.Close()
	}
}

// A vendor that writes the number and the key in other spellings, and a code into a text.
func TestRecordingsMaskOtherSpellings(t *testing.T) {
	const number = "+905321234567"
	v := vendors(t)[0]
	v.Fail(otpsim.Change("talkative", func(a otpsim.Answer) otpsim.Answer {
		a.Body = []byte(strings.TrimSuffix(string(a.Body), "}") + `,"by":"sms","hint":"to 0532 123 45 67, see https://vendor.example/?key=` + v.secrets[0] + `"}`)
		a.Header = http.Header{"X-Trace": {v.secrets[0]}, "Set-Cookie": {"session=4711"}}
		return a
	}).On("generate"))
	got, har := recording(t, v, &person{t: t, server: v.Server, to: number}, number)
	require.Zero(t, got.code, got.notes)
	for _, secret := range []string{v.secrets[0], "0532 123 45 67", "123 45 67", "session=4711"} {
		assert.NotContains(t, har, secret)
	}
	assert.Contains(t, har, `\"channel\":\"sms\"`)
}

func TestRecordNeedsAFileThatIsNew(t *testing.T) {
	v := vendors(t)[0]
	config := file(t, "providers: {main: "+v.config(v.URL)+"}")
	for want, args := range map[string][]string{
		"name the file to write":             {somebody},
		"the file to write cannot be made: ": {"-o", config, somebody},
		"the number has to be":               {"-o", config, "12"},
	} {
		got := otpctl(t, "", append([]string{"record", "-config", config}, args...)...)
		assert.Equal(t, exitUsage, got.code)
		assert.Contains(t, got.notes, want)
	}
	assert.Empty(t, v.Requests())
	got, har := recording(t, v, strings.NewReader(""), "-channel", "voice", somebody)
	assert.Equal(t, exitUsage, got.code)
	assert.Contains(t, got.notes, "nothing was recorded")
	assert.Empty(t, har, "no empty file is left behind")
}
