package otpconfig_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// everything is a file with all there is.
const everything = `
providers:
  a: {vendor: acme, token: t, channels: [sms], breaker: {}}
  b: {vendor: acme, token: t}
  old: {vendor: acme, token: t}
send: {name: routes, failover: [a, b]}
verify_only: [old]
guard: {cooldown: [1h]}
test_numbers:
  until: 2000-02-01T00:00:00Z
  numbers: [{number: "+12025550123", code: "246813"}]
`

// wrapper is a provider of the program's, as that of package otpotel is.
type wrapper struct {
	otp.Provider
	name string
}

func (w wrapper) Unwrap() []otp.Provider { return []otp.Provider{w.Provider} }

func wrapping(name string) otpconfig.OpenOption {
	return otpconfig.WithWrapper(func(p otp.Provider) (otp.Provider, error) { return wrapper{p, name}, nil })
}

func fileWith(t *testing.T, file string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "otp.yaml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	return path
}

// layers are the types from the outside in, along the first of each.
func layers(p otp.Provider) []string {
	all := []string{fmt.Sprintf("%T", p)}
	if w, ok := p.(otp.Wrapper); ok {
		return append(all, layers(w.Unwrap()[0])...)
	}
	return all
}

func TestOpenPutsAllInOrder(t *testing.T) {
	synctest.Test(t, func(t *testing.T) { // whose clock begins in 2000
		var a acme
		var events []string
		p, end, err := otpconfig.Open(t.Context(), fileWith(t, everything),
			otpconfig.With(a.registry(t, nil)), wrapping("inner"), wrapping("outer"),
			otpconfig.WithObserver(func(e otp.Event) { events = append(events, fmt.Sprintf("%T", e)) }),
		)
		require.NoError(t, err)
		assert.Equal(t, []string{
			"otpconfig_test.wrapper", "otpconfig_test.wrapper", "*otpconfig.observed", "*route.Switch", "*testnumber.Provider",
			"*guard.Guard", "*route.Router", "*route.Router", "*otpconfig.someChannels", "*route.CircuitBreaker", "*otptest.Provider",
		}, layers(p))
		assert.Equal(t, "outer", p.(wrapper).name)
		g, ok := otpconfig.GuardIn(p)
		require.True(t, ok)
		assert.Equal(t, "routes", g.Unwrap()[0].(otp.Wrapper).Unwrap()[0].Name())

		_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err)
		assert.Equal(t, []guard.Rule{"cooldown"}, rulesOf(t.Context(), t, p, phone))
		assert.Equal(t, []guard.Rule{"", ""}, rulesOf(t.Context(), t, p, "+12025550123", "+12025550123"), "test numbers pass by the guard")
		assert.Equal(t, []string{"otp.GuardEvent", "otp.TestNumberEvent", "otp.TestNumberEvent"}, events)
		require.NoError(t, end())
		require.NoError(t, end(), "again")
	})
}

func TestOpenFollowsTheFileUntilItEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var a acme
		var logged bytes.Buffer
		ctx, cancel := context.WithCancel(t.Context())
		defer cancel()
		path := fileWith(t, acmes("a"))
		open := func() (otp.Provider, func() error) {
			p, end, err := otpconfig.Open(ctx, path, otpconfig.With(a.registry(t, nil)),
				otpconfig.WithClients(otp.WithLogger(slog.New(slog.NewTextHandler(&logged, nil))), otp.WithUserAgent("shop")))
			require.NoError(t, err)
			return p, end
		}
		write := func(file string) {
			require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
			time.Sleep(time.Minute)
			synctest.Wait()
		}
		p, end := open()
		v, err := p.Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err)
		_, _, client := a.last()
		code, _ := client.Code(phone)

		write(acmes("b"))
		assert.Equal(t, "b", sentBy(t, p, phone))
		agents := make(map[string]bool)
		for _, set := range a.set {
			agents[set.Name+" "+set.UserAgent] = true
		}
		assert.True(t, agents["a shop"] && agents["b shop"])
		require.NoError(t, p.Verify(t.Context(), v, code))
		assert.Empty(t, logged.String())

		write("providers: {c: {vendor: acme, token: [CANARY]}}")
		assert.Contains(t, logged.String(), "providers.c.token: must be text")
		assert.NotContains(t, logged.String(), canary)
		assert.Equal(t, "b", sentBy(t, p, phone))

		require.NoError(t, end())
		write(acmes("d"))
		assert.Equal(t, "b", sentBy(t, p, phone), "it stays as it was")

		p, end = open()
		cancel() // ends it as well
		write(acmes("e"))
		assert.Equal(t, "d", sentBy(t, p, phone))
		var both sync.WaitGroup
		for range 2 {
			both.Go(func() { assert.NoError(t, end()) })
		}
		both.Wait()
	})
}

func TestOpenHandsIn(t *testing.T) {
	var a acme
	store, err := guard.NewMemory(0)
	require.NoError(t, err)
	refused := errors.New("no robots")
	registry := a.registry(t, map[string]string{"TOKEN": "t"})
	registry.Stores = map[string]guard.Store{"redis": store}
	registry.Limiters = map[string]otp.Limiter{"shared": refusing{}}
	registry.Guard = []guard.Option{guard.BeforeSend(func(_ context.Context, req otp.SendRequest) error {
		if strings.HasPrefix(req.To, "+33") {
			return refused
		}
		return nil
	})}
	p, end, err := otpconfig.Open(t.Context(), fileWith(t, `
providers: {main: {vendor: acme, token: "${TOKEN}", send_limiter: shared}}
guard: {store: redis, key: 0123456789abcdef}
`), otpconfig.With(registry))
	require.NoError(t, err)
	defer func() { assert.NoError(t, end()) }()
	_, err = p.Send(t.Context(), otp.SendRequest{To: "+33612345678"})
	require.ErrorIs(t, err, refused)
	_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
	require.NoError(t, err)
	assert.Positive(t, store.Len())
	_, set, _ := a.last()
	assert.Equal(t, refusing{}, set.Limiter(nil, otp.SendLimiter))
}

func TestOpenReadsTheEnvironment(t *testing.T) {
	t.Setenv("OTP_CONFIG", fileWith(t, insiderWith("guard: {fail_open: true}")))
	var logged bytes.Buffer
	p, end, err := otpconfig.Open(t.Context(), "", otpconfig.WithClients(otp.WithLogger(slog.New(slog.NewTextHandler(&logged, nil)))))
	require.NoError(t, err)
	assert.NotNil(t, p)
	assert.Contains(t, logged.String(), "guard.fail_open: lets everybody be texted")
	require.NoError(t, end())

	t.Setenv("OTP_CONFIG", "")
	t.Setenv("OTP_VENDOR", "insider")
	t.Setenv("OTP_API_KEY", "k")
	_, end, err = otpconfig.Open(t.Context(), "")
	require.NoError(t, err)
	require.NoError(t, end())
}

func TestOpenRefuses(t *testing.T) {
	path := fileWith(t, insiderWith())
	nothing := func(otp.Provider) (otp.Provider, error) { return nil, nil }
	for want, option := range map[string]otpconfig.OpenOption{
		"options: must not hold nil":                                     nil,
		"registry: must not be nil":                                      otpconfig.With(nil),
		"observer: must not be nil":                                      otpconfig.WithObserver(nil),
		"wrapper: must not be nil":                                       otpconfig.WithWrapper(nil),
		"wrapper: must not return nil":                                   otpconfig.WithWrapper(nothing),
		"every: must be 1ms or more":                                     otpconfig.WithWatch(otpconfig.WatchEvery(0)),
		"name: must come from the configuration: leave otp.WithName out": otpconfig.WithClients(otp.WithName("x")),
	} {
		p, end, err := otpconfig.Open(t.Context(), path, option)
		require.EqualError(t, err, "config: misconfigured: "+want)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
		assert.Nil(t, p)
		assert.Nil(t, end)
	}
	for name, wrap := range map[string]func(otp.Provider) (otp.Provider, error){
		"panics":  func(otp.Provider) (otp.Provider, error) { panic(canary) },
		"refuses": func(otp.Provider) (otp.Provider, error) { return nil, errors.New("no") },
	} {
		_, _, err := otpconfig.Open(t.Context(), path, otpconfig.WithWrapper(wrap))
		require.ErrorIs(t, err, otp.ErrMisconfigured, name)
		hidesCanary(t, err)
	}
	_, _, err := otpconfig.Open(t.Context(), filepath.Join(t.TempDir(), "none.yaml"))
	require.ErrorContains(t, err, "must be a file that exists")
	_, _, err = otpconfig.Open(t.Context(), fileWith(t, "providers: {reloaded-config: {vendor: insider, api_key: CANARY}}"))
	require.ErrorContains(t, err, "providers.reloaded-config: must have another name: this one is used inside")
}

// What is dangerous may come with a change.
func TestWarningsOfAChangedFileAreLogged(t *testing.T) {
	path := fileWith(t, insiderWith())
	var logged bytes.Buffer
	changed := make(chan error, 1)
	_, end, err := otpconfig.Open(t.Context(), path, otpconfig.WithClients(otp.WithLogger(slog.New(slog.NewTextHandler(&logged, nil)))),
		otpconfig.WithWatch(otpconfig.WatchEvery(time.Millisecond), otpconfig.WatchReport(func(err error) { changed <- err })))
	require.NoError(t, err)
	assert.Empty(t, logged.String())
	require.NoError(t, os.WriteFile(path+".new", []byte(insiderWith("guard: {fail_open: true}")), 0o600))
	require.NoError(t, os.Rename(path+".new", path))
	require.NoError(t, <-changed)
	require.NoError(t, end())
	assert.Contains(t, logged.String(), "guard.fail_open: lets everybody be texted while the store fails")
}
