package main

import (
	"bytes"
	"context"
	"regexp"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestMain(m *testing.M) { simtest.Main(m) }

func quickstart(t *testing.T, in string, env map[string]string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	lookup := func(name string) (string, bool) { value, ok := env[name]; return value, ok }
	err := run(t.Context(), args, strings.NewReader(in), &out, lookup)
	return out.String(), err
}

// changing is what differs from run to run: the port, the codes and the times.
var changing = regexp.MustCompile(`127\.0\.0\.1:\d+|\b\d{6}\b|\d\d:\d\d:\d\d`)

func TestTheStoryOfACode(t *testing.T) {
	out, err := quickstart(t, "", nil)
	require.NoError(t, err)
	assert.Equal(t, `
insider, simulated on http://#

  send    accepted: a code is on its way to +905*****67 by sms
          valid until #

          ╭────────────────────────────────────────╮
          │ +905321234567                          │
          │ Your Acme verification code is: # │
          ╰────────────────────────────────────────╯

  verify  #  ✗ rejected: wrong code, 2 attempts left (counted here: insider does not say)
  verify  #  ✓ verified
  verify  #  ✗ rejected: code not found

No text was sent. Add -to and your number to do it for real.

`, changing.ReplaceAllString(out, "#"))
}

func TestEveryVendorTellsTheSameStory(t *testing.T) {
	out, err := quickstart(t, "", nil, "-vendor", "all")
	require.NoError(t, err)
	for _, v := range vendors() {
		assert.Contains(t, out, "\n"+v.name+", simulated on http://127.0.0.1:")
	}
	assert.Equal(t, 4, strings.Count(out, "send    accepted"))
	assert.Equal(t, 4, strings.Count(out, "✓ verified"))
	assert.Equal(t, 8, strings.Count(out, "✗ rejected"))
	assert.Equal(t, 1, strings.Count(out, "No text was sent."))
}

func TestForRealAPersonTypesTheCode(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	env := map[string]string{"INSIDER_API_KEY": srv.APIKey, "INSIDER_BASE_URL": srv.URL}

	out, err := quickstart(t, "not a code\n0000\n", env, "-to", somebody)
	require.EqualError(t, err, "no code was typed")
	assert.Contains(t, out, "✗ rejected: wrong code")

	reader := readerFunc(func(p []byte) (int, error) {
		code, _ := srv.Code(somebody)
		return copy(p, code+"\n"), nil
	})
	var printed bytes.Buffer
	err = run(context.Background(), []string{"-to", somebody}, reader, &printed, func(name string) (string, bool) {
		return env[name], true
	})
	require.NoError(t, err)
	assert.Contains(t, printed.String(), "✓ verified")

	srv.Fail(otpsim.AfterAccepting(500))
	printed.Reset()
	require.NoError(t, run(context.Background(), []string{"-to", somebody}, reader, &printed, func(name string) (string, bool) {
		return env[name], true
	}))
	assert.Contains(t, printed.String(), "It may have been sent all the same.")
	assert.Contains(t, printed.String(), "✓ verified")
}

type readerFunc func([]byte) (int, error)

func (f readerFunc) Read(p []byte) (int, error) { return f(p) }

func TestWhatIsMissingIsNamed(t *testing.T) {
	for want, args := range map[string][]string{
		`no vendor is called "acme"; there are: insider, kaleyra, hypersender, smsfactor, all`:    {"-vendor", "acme"},
		"-to sends for real: choose one -vendor":                                                  {"-vendor", "all", "-to", somebody},
		"set INSIDER_API_KEY to use insider":                                                      {"-to", somebody},
		"set KALEYRA_SID and KALEYRA_API_KEY to use kaleyra":                                      {"-vendor", "kaleyra", "-to", somebody},
		"set OCTOPUSH_API_LOGIN and OCTOPUSH_API_KEY to use smsfactor":                            {"-vendor", "smsfactor", "-to", somebody},
		"set HYPERSENDER_INSTANCE, HYPERSENDER_TOKEN and HYPERSENDER_APP_NAME to use hypersender": {"-vendor", "hypersender", "-to", somebody},
		"flag provided but not defined: -x":                                                       {"-x"},
	} {
		_, err := quickstart(t, "", nil, args...)
		require.EqualError(t, err, want)
	}
	_, err := quickstart(t, "", map[string]string{"INSIDER_API_KEY": "k"}, "-to", "0532 123 45 67")
	require.ErrorContains(t, err, "insider: send: invalid recipient: to: must be one number in E.164")
}
