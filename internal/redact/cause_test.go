package redact_test

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"encoding/json"
	"errors"
	"fmt"
	"html"
	"io"
	"io/fs"
	"log/slog"
	"net"
	"net/url"
	"os"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
)

// requireClean fails when err, or anything that it wraps, shows a secret in any form.
func requireClean(t *testing.T, err error) {
	t.Helper()
	for _, form := range []string{"%v", "%+v", "%#v", "%s", "%q", "%d"} {
		text := fmt.Sprintf(form, err)
		for _, secret := range []string{key, code, number, number[1:], "1234567", "QSECRET", "hunter2"} {
			require.NotContains(t, text, secret, "%T under %s", err, form)
		}
	}
	require.NotContains(t, slog.AnyValue(err).Resolve().String(), key)
	require.NotContains(t, fmt.Sprintf("%T", err), "redact_test", "what a type from outside holds cannot be searched")
	if op, ok := err.(*net.OpError); ok { //nolint:errorlint // this walks the tree itself
		require.NotContains(t, fmt.Sprintf("%T", op.Addr), "redact_test")
	}
	switch e := err.(type) { //nolint:errorlint // this walks the tree itself
	case interface{ Unwrap() error }:
		if inner := e.Unwrap(); inner != nil {
			requireClean(t, inner)
		}
	case interface{ Unwrap() []error }:
		for _, inner := range e.Unwrap() {
			requireClean(t, inner)
		}
	}
}

// telling says nothing, but holds what must not be printed.
type telling struct {
	Key    string
	secret string
	inner  error
}

func (telling) Error() string   { return "refused" }
func (e telling) Unwrap() error { return e.inner }

// printing shows what it holds only under %+v.
type printing struct{ secret string }

func (printing) Error() string { return "refused" }

func (e printing) GoString() string { return "printing{}" }

func (e printing) Format(s fmt.State, verb rune) {
	if verb == 'v' && s.Flag('+') {
		_, _ = io.WriteString(s, e.secret)
		return
	}
	_, _ = io.WriteString(s, "refused")
}

// holdingBytes has a secret that no verb prints as text but %s.
type holdingBytes struct{ Secret []byte }

func (holdingBytes) Error() string { return "refused" }

// logging shows what it holds only to slog.
type logging struct{ secret string }

func (logging) Error() string          { return "refused" }
func (e logging) LogValue() slog.Value { return slog.StringValue(e.secret) }

type address struct{ Secret []byte }

func (address) Network() string { return "tcp" }
func (address) String() string  { return "somewhere" }

func TestACauseThatShowsNothingIsKeptAsItIs(t *testing.T) {
	refused := &net.OpError{
		Op: "dial", Net: "tcp", Addr: &net.TCPAddr{IP: net.IPv4(127, 0, 0, 1), Port: 443},
		Err: os.NewSyscallError("connect", syscall.ECONNREFUSED),
	}
	for name, err := range map[string]error{
		"a refused connection": refused,
		"a name not found":     &net.DNSError{Err: "no such host", Name: "api.example", IsNotFound: true},
		"the end of a stream":  io.EOF,
		"a wrapped one":        fmt.Errorf("read: %w", io.ErrUnexpectedEOF),
		"a deadline":           context.DeadlineExceeded,
		"an empty text":        errors.New(""),
		"a text of 400 bytes":  errors.New(strings.Repeat("a", 400)),
		"letters of the world": errors.New("geçersiz 無効"),
		"a part of the key":    errors.New("canary-key"),
		"two at once":          fmt.Errorf("%w, %w", io.EOF, refused),
		"a time-out":           &net.OpError{Op: "read", Net: "tcp", Err: os.ErrDeadlineExceeded},
		"a closed connection":  &net.OpError{Op: "read", Net: "tcp", Err: net.ErrClosed},
		"a certificate":        &tls.CertificateVerificationError{Err: x509.UnknownAuthorityError{}},
		"another name's":       x509.HostnameError{Certificate: &x509.Certificate{}, Host: "api.example"},
		"an error of ours":     &otp.Error{Kind: otp.ErrRateLimited, RetryAfter: time.Second, Err: io.EOF},
		"a file":               &fs.PathError{Op: "open", Path: "/ca.pem", Err: syscall.ENOENT},
	} {
		t.Run(name, func(t *testing.T) {
			got := redact.Cause(err, masker())
			assert.Equal(t, err, got)
		})
	}

	var found *net.OpError
	require.ErrorAs(t, redact.Cause(fmt.Errorf("send: %w", refused), masker()), &found)
	assert.Same(t, refused, found)
	require.ErrorIs(t, redact.Cause(refused, masker()), syscall.ECONNREFUSED)
}

func TestNoCauseStaysNone(t *testing.T) {
	assert.NoError(t, redact.Cause(nil, masker()))
}

func TestTheURLIsDroppedAndWhatWentWrongKept(t *testing.T) {
	const secretURL = "https://user:hunter2@api.example/v1/send?apikey=QSECRET"
	inner := &net.OpError{Op: "dial", Net: "tcp", Err: os.NewSyscallError("connect", syscall.ECONNREFUSED)}
	withURL := &url.Error{Op: "Post", URL: secretURL, Err: inner}
	for name, err := range map[string]error{
		"a URL":                  withURL,
		"a URL in a wrapper":     fmt.Errorf("attempt 1: %w", withURL),
		"a URL in a URL":         &url.Error{Op: "Get", URL: secretURL, Err: withURL},
		"a URL in both":          &url.Error{Op: "Get", URL: secretURL, Err: fmt.Errorf("redirected: %w", withURL)},
		"a URL behind our error": telling{inner: withURL},
	} {
		t.Run(name, func(t *testing.T) {
			got := redact.Cause(err, masker())
			requireClean(t, got)
			assert.Same(t, inner, got)
			var found *url.Error
			assert.NotErrorAs(t, got, &found)
		})
	}
}

func TestACauseThatShowsASecretIsReplaced(t *testing.T) {
	boxed := func(inner error) error { return fmt.Errorf("send: %w", inner) }
	cases := []struct {
		name string
		err  error
		want string
	}{
		{"in its text", errors.New("bad key " + key), "bad key [redacted]"},
		{"a number in its text", errors.New("no route to +90 532 123 45 67"), "no route to [redacted]"},
		{"a code in its text", errors.New("code " + code), "code [redacted]"},
		{"nothing, but of a type from outside", telling{}, "refused"},
		{"nothing, in a wrapper from outside", telling{inner: io.EOF}, "refused"},
		{"as bytes", holdingBytes{[]byte(key)}, "refused"},
		{"as bytes behind a pointer", fmt.Errorf("send: %w", &holdingBytes{[]byte(key)}), "send: refused"},
		{"for slog alone", logging{key}, "refused"},
		{"as an address of a dialer's own", &net.OpError{Op: "dial", Net: "tcp", Addr: address{[]byte(key)}, Err: io.EOF}, "dial tcp somewhere: EOF"},
		{"in a field", telling{Key: key}, "refused"},
		{"in a field of a pointer", &telling{Key: key}, "refused"},
		{"in a field that is not exported", telling{secret: "Bearer " + key}, "refused"},
		{"a number in a field", telling{secret: number}, "refused"},
		{"only under %+v", printing{key}, "refused"},
		{"in the text of what it wraps", telling{inner: errors.New(key)}, "refused"},
		{"in a field of what it wraps", boxed(telling{Key: key}), "send: refused"},
		{"in a field of what it points to", boxed(&telling{Key: key}), "send: refused"},
		{"far below", boxed(boxed(boxed(&telling{Key: key}))), "send: send: send: refused"},
		{"in one of several", fmt.Errorf("%w, %w", io.EOF, telling{Key: key}), "EOF, refused"},
		{"in one of several that it points to", fmt.Errorf("%w, %w", io.EOF, &telling{Key: key}), "EOF, refused"},
		{"in a URL's cause", &url.Error{Op: "Post", URL: "https://h", Err: errors.New("sent " + key)}, "sent [redacted]"},
		{"in the address of a connection", &net.OpError{
			Op: "dial", Net: "tcp", Addr: &net.UnixAddr{Name: "/run/" + key}, Err: syscall.ECONNREFUSED,
		}, "dial tcp /run/[redacted]: connection refused"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := redact.Cause(c.err, masker())
			requireClean(t, got)
			assert.Equal(t, c.want, got.Error())
		})
	}
}

func TestAReplacedCauseIsStillWhatCallersLookFor(t *testing.T) {
	for _, mark := range []error{
		context.Canceled, context.DeadlineExceeded, os.ErrDeadlineExceeded, io.EOF, io.ErrUnexpectedEOF, net.ErrClosed,
		syscall.ECONNREFUSED, syscall.ECONNRESET, syscall.EPIPE,
	} {
		t.Run(mark.Error(), func(t *testing.T) {
			for _, err := range []error{
				fmt.Errorf("%s: %w", key, mark),
				&url.Error{Op: "Post", URL: "https://h", Err: fmt.Errorf("%s: %w", key, mark)},
				telling{Key: key, inner: mark},
				errors.Join(errors.New(key), mark),
			} {
				got := redact.Cause(err, masker())
				requireClean(t, got)
				require.ErrorIs(t, got, mark)
				assert.NotErrorIs(t, got, errors.ErrUnsupported)
			}
		})
	}

	two := redact.Cause(fmt.Errorf("%s: %w: %w", key, context.DeadlineExceeded, io.EOF), masker())
	require.ErrorIs(t, two, context.DeadlineExceeded)
	require.ErrorIs(t, two, io.EOF)
	assert.NotErrorIs(t, two, context.Canceled)
}

func TestACauseIsOneLineOfALog(t *testing.T) {
	cases := []struct {
		name string
		err  error
		want string
	}{
		{"a forged line", errors.New("no\n level=INFO"), `no\n level=INFO`},
		{"colours", errors.New("\x1b[31mno"), `\x1b[31mno`},
		{"invalid UTF-8", errors.New("no\xff"), `no\xff`},
		{"a line below", fmt.Errorf("send: %w", errors.New("a\nb")), `send: a\nb`},
		{"several", errors.Join(errors.New("one"), io.EOF), `one\nEOF`},
		{"a page", errors.New(strings.Repeat("a", 401)), strings.Repeat("a", 197) + "…"},
		{"a page below", telling{inner: errors.New(strings.Repeat("a", 401))}, "refused"},
		{
			"a key at the cut",
			errors.New(strings.Repeat("a", 190) + key + strings.Repeat("b", 300)),
			strings.Repeat("a", 190) + "[redact…",
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			got := redact.Cause(c.err, masker())
			requireClean(t, got)
			assert.Equal(t, c.want, got.Error())
			assert.LessOrEqual(t, len(got.Error()), 200)
		})
	}
	assert.ErrorIs(t, redact.Cause(errors.Join(errors.New("one"), io.EOF), masker()), io.EOF)
}

func TestAKeyIsMaskedHoweverItIsEscaped(t *testing.T) {
	const odd = `k"e\y&<1>|/4711é`
	m := redact.NewMasker([]string{odd}, "", "")
	for name, err := range map[string]error{
		"as it is":          errors.New(odd),
		"quoted":            fmt.Errorf("bad key %q", odd),
		"parsed":            wrapping{&strconv.NumError{Func: "ParseInt", Num: odd, Err: strconv.ErrSyntax}},
		"in a query":        errors.New("a=1&key=" + url.QueryEscape(odd)),
		"in a path":         errors.New("/v1/" + url.PathEscape(odd) + "/send"),
		"in a page":         errors.New("<p>" + html.EscapeString(odd) + "</p>"),
		"in JSON":           errors.New(`{"key":"k\"e\\y\u0026\u003c1\u003e|/4711é"}`),
		"in a field":        holdingKey{odd},
		"in a field of URL": &url.Error{Op: "Get", URL: "/", Err: holdingKey{odd}},
	} {
		t.Run(name, func(t *testing.T) {
			got := redact.Cause(err, m)
			encoded, failed := json.Marshal(got)
			require.NoError(t, failed)
			for _, text := range []string{fmt.Sprintf("%v %+v %#v %s", got, got, got, got), string(encoded)} {
				assert.NotContains(t, text, "4711")
				assert.NotContains(t, text, `k"e`)
			}
		})
	}
}

type holdingKey struct{ Key string }

func (holdingKey) Error() string { return "refused" }

type wrapping struct{ error }

func TestAnErrorThatPanicsIsAnError(t *testing.T) {
	for name, err := range map[string]error{
		"a nil pointer":          (*pointed)(nil),
		"a nil pointer, wrapped": fmt.Errorf("send: %w", (*pointed)(nil)),
		"in what it wraps":       unwrapping{},
	} {
		t.Run(name, func(t *testing.T) { assert.EqualError(t, redact.Cause(err, masker()), "an error that cannot be read") })
	}
}

type pointed struct{ text string }

func (p *pointed) Error() string { return p.text }
func (p *pointed) Is(error) bool { return p.text != "" }

type unwrapping struct{}

func (unwrapping) Error() string { return "refused" }
func (unwrapping) Unwrap() error { panic(key) }

func TestAMaskerIsNeededOnlyForSecrets(t *testing.T) {
	got := redact.Cause(&url.Error{Op: "Post", URL: "https://h/?apikey=QSECRET", Err: io.EOF}, redact.Masker{})
	assert.Equal(t, io.EOF, got)
}
