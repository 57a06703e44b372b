package otpconfig_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/route"
)

// watched is a program that follows a file.
type watched struct {
	*route.Switch
	t    *testing.T
	path string
	mu   sync.Mutex
	told []error
	acme *acme
}

// watching starts a Watch inside of a bubble, on a file of acme's providers.
func watching(t *testing.T, file string, opts ...otpconfig.WatchOption) *watched {
	t.Helper()
	var a acme
	w := follow(t, a.registry(t, nil), file, opts...)
	w.acme = &a
	return w
}

// follow is watching for other vendors.
func follow(t *testing.T, vendors *otpconfig.Registry, file string, opts ...otpconfig.WatchOption) *watched {
	t.Helper()
	path := filepath.Join(t.TempDir(), "otp.yaml")
	require.NoError(t, os.WriteFile(path, []byte(file), 0o600))
	return watchFile(t, vendors, path, opts...)
}

// watchFile is follow for a file that is there.
func watchFile(t *testing.T, vendors *otpconfig.Registry, path string, opts ...otpconfig.WatchOption) *watched {
	t.Helper()
	w := &watched{t: t, path: path}
	cfg, err := vendors.Load(path)
	require.NoError(t, err)
	w.Switch, err = route.NewSwitch("otp", providerOf(t, cfg), 0)
	require.NoError(t, err)
	ctx, stop := context.WithCancel(t.Context())
	opts = append([]otpconfig.WatchOption{otpconfig.WatchReport(w.report)}, opts...)
	done := make(chan error)
	go func() { done <- cfg.Watch(ctx, w.Switch, opts...) }()
	t.Cleanup(func() {
		stop()
		require.NoError(t, <-done)
	})
	return w
}

func (w *watched) report(err error) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.told = append(w.told, err)
}

func (w *watched) reports() []error {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.told
}

func (w *watched) write(file string) {
	w.t.Helper()
	require.NoError(w.t, os.WriteFile(w.path, []byte(file), 0o600))
}

// wait lets the Watch look some times.
func (w *watched) wait(d time.Duration) {
	time.Sleep(d)
	synctest.Wait()
}

func acmes(names ...string) string {
	file := "providers:\n"
	for _, name := range names {
		file += "  " + name + ": {vendor: acme, token: t}\n"
	}
	return file + "send: {failover: [" + strings.Join(names, ", ") + "]}\n"
}

func TestWatchFollowsTheFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watching(t, acmes("a"))
		assert.Equal(t, "a", sentBy(t, w, phone))
		v, err := w.Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err)
		_, _, a := w.acme.last()
		code, _ := a.Code(phone)

		w.wait(time.Minute)
		assert.Empty(t, w.reports(), "nothing has changed")

		w.write(acmes("b"))
		w.wait(11 * time.Second)
		assert.Equal(t, []error{nil}, w.reports())
		assert.Equal(t, "b", sentBy(t, w, phone))
		require.NoError(t, w.Verify(t.Context(), v, code), "a code that is out is still verified")

		w.write("# the same\n" + acmes("b"))
		w.wait(time.Minute)
		assert.Len(t, w.reports(), 1, "a comment changes nothing")
	})
}

func TestWatchKeepsWhatWorks(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watching(t, acmes("a"))
		w.write("providers: {a: {vendor: acme, token: [CANARY]}}")
		w.wait(time.Minute)
		require.Len(t, w.reports(), 1, "once")
		require.ErrorContains(t, w.reports()[0], "providers.a.token: must be text, not a list ("+w.path+":1)")
		hidesCanary(t, w.reports()[0])
		assert.Equal(t, "a", sentBy(t, w, phone))

		require.NoError(t, os.Remove(w.path))
		w.wait(time.Minute)
		require.Len(t, w.reports(), 2)
		require.ErrorContains(t, w.reports()[1], "must be a file that exists")
		assert.Equal(t, "a", sentBy(t, w, phone))

		w.write(acmes("a"))
		w.wait(time.Minute)
		require.Len(t, w.reports(), 3, "that all is well again is told, too")
		require.NoError(t, w.reports()[2])
	})
}

func TestWatchWaitsForTheEndOfTheFile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watching(t, acmes("a"), otpconfig.WatchEvery(10*time.Second))
		whole := acmes("c", "b")
		for n := 1; n <= len(whole); n++ { // a very slow editor
			w.write(whole[:n])
			w.wait(700 * time.Millisecond)
		}
		w.wait(20 * time.Second)
		assert.Equal(t, []error{nil}, w.reports(), "no half of it was taken for a configuration, or for an error")
		assert.Equal(t, "c", sentBy(t, w, phone))
	})
}

func TestWatchWaitsForAWriterThatPauses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watching(t, acmes("a", "b"), otpconfig.WatchEvery(10*time.Second))
		half := "providers:\n  c: {vendor: acme, token: t}\n" // a configuration, too
		w.wait(9 * time.Second)
		w.write(half)
		w.wait(10 * time.Second)
		assert.Empty(t, w.reports(), "half of a file was taken for a configuration")
		w.write(half + "  d: {vendor: acme, token: t}\nsend: {failover: [d, c]}\n")
		w.wait(20 * time.Second)
		assert.Equal(t, []error{nil}, w.reports())
		assert.Equal(t, "d", sentBy(t, w, phone))
	})
}

func TestWatchDoesNotMindHowTheFileIsReplaced(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watching(t, acmes("a"))
		other := filepath.Join(filepath.Dir(w.path), "otp.yaml.tmp")
		require.NoError(t, os.WriteFile(other, []byte(acmes("b")), 0o600))
		require.NoError(t, os.Rename(other, w.path)) // as editors do
		w.wait(11 * time.Second)
		assert.Equal(t, "b", sentBy(t, w, phone))

		// As Kubernetes does: otp.yaml -> ..data/otp.yaml, and ..data -> a folder of each version.
		folder := filepath.Dir(w.path)
		for _, version := range []string{"c", "d"} {
			require.NoError(t, os.Mkdir(filepath.Join(folder, version), 0o700))
			require.NoError(t, os.WriteFile(filepath.Join(folder, version, "otp.yaml"), []byte(acmes(version)), 0o600))
			require.NoError(t, os.Symlink(version, filepath.Join(folder, "..tmp")))
			require.NoError(t, os.Rename(filepath.Join(folder, "..tmp"), filepath.Join(folder, "..data")))
			if version == "c" {
				require.NoError(t, os.Remove(w.path))
				require.NoError(t, os.Symlink(filepath.Join("..data", "otp.yaml"), w.path))
			}
			w.wait(11 * time.Second)
			assert.Equal(t, version, sentBy(t, w, phone))
		}
	})
}

func TestWatchFollowsSecretFiles(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		token := filepath.Join(t.TempDir(), "token")
		require.NoError(t, os.WriteFile(token, []byte("before"), 0o600))
		w := watching(t, "providers: {a: {vendor: acme, token_file: "+token+"}}")
		require.NoError(t, os.WriteFile(token, []byte("after"), 0o600))
		w.wait(11 * time.Second)
		assert.Equal(t, []error{nil}, w.reports())
		config, _, _ := w.acme.last()
		assert.Equal(t, "after", config.Token)
	})
}

func TestWatchKeepsUnchangedClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		const limited = "  a: {vendor: acme, token: t, breaker: {faults: 1, open_for: 1h}}\n"
		w := watching(t, "providers:\n"+limited+"  b: {vendor: acme, token: t}\nsend: {failover: [a, b]}")
		_, _, b := w.acme.last()
		require.Equal(t, "b", b.Name())
		a := w.acme.clients[len(w.acme.clients)-2]
		a.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}) // opens its breaker
		assert.Equal(t, "b", sentBy(t, w, phone))

		w.write("providers:\n" + limited + "  b: {vendor: acme, token: other}\nsend: {failover: [a, b]}")
		w.wait(11 * time.Second)
		require.Equal(t, []error{nil}, w.reports())
		assert.Equal(t, "b", sentBy(t, w, phone), "the breaker of a is still open")
		assert.Len(t, a.Calls(), 1)
		assert.Len(t, b.Calls(), 1, "b has a new client")
	})
}

func TestWatchReportsWhatTheSwitchRefuses(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watching(t, acmes("a"))
		w.write("providers: {a: {vendor: insider, api_key: k}}")
		w.wait(time.Minute)
		require.Len(t, w.reports(), 1)
		require.ErrorIs(t, w.reports()[0], otp.ErrMisconfigured)
		require.ErrorContains(t, w.reports()[0], "so give the new one a new name")
		assert.Equal(t, "a", sentBy(t, w, phone))

		w.write("providers: {a: {vendor: acme, token: t2}}")
		w.wait(time.Minute)
		require.Len(t, w.reports(), 2)
		require.NoError(t, w.reports()[1])
	})
}

func TestWatchGivesItsOptionsToNewClients(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watching(t, acmes("a"), otpconfig.WatchWith(otp.WithUserAgent("shop")))
		w.write(acmes("b"))
		w.wait(11 * time.Second)
		_, set, _ := w.acme.last()
		assert.Equal(t, "shop", set.UserAgent)

		// What the program does not allow is found when the clients are made.
		w.write("providers: {c: {vendor: insider, api_key: k, base_url: http://simulator.internal}}")
		w.wait(11 * time.Second)
		require.Len(t, w.reports(), 2)
		require.ErrorContains(t, w.reports()[1], "providers.c.base_url: must be https")
		assert.Equal(t, "b", sentBy(t, w, phone))
	})
}

func TestWatchSurvivesItsReport(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		told := 0
		w := watching(t, acmes("a"), otpconfig.WatchReport(func(error) { told++; panic("report") }))
		for _, name := range []string{"b", "c"} {
			w.write(acmes(name))
			w.wait(11 * time.Second)
			assert.Equal(t, name, sentBy(t, w, phone))
		}
		assert.Equal(t, 2, told)
	})
}

func TestWatchRefuses(t *testing.T) {
	path := filepath.Join(t.TempDir(), "otp.yaml")
	require.NoError(t, os.WriteFile(path, []byte("providers: {main: {vendor: insider, api_key: k}}"), 0o600))
	cfg, err := otpconfig.Load(path)
	require.NoError(t, err)
	into, err := route.NewSwitch("otp", providerOf(t, cfg), 0)
	require.NoError(t, err)
	for want, err := range map[string]error{
		"must be made with Load to be watched":                           parsing(t, "providers: {main: {vendor: insider, api_key: k}}", nil).Watch(t.Context(), into),
		"into: must not be nil":                                          cfg.Watch(t.Context(), nil),
		"options: must not hold nil":                                     cfg.Watch(t.Context(), into, nil),
		"every: must be 1ms or more":                                     cfg.Watch(t.Context(), into, otpconfig.WatchEvery(0)),
		"report: must not be nil":                                        cfg.Watch(t.Context(), into, otpconfig.WatchReport(nil)),
		"name: must come from the configuration: leave otp.WithName out": cfg.Watch(t.Context(), into, otpconfig.WatchWith(otp.WithName("x"))),
	} {
		require.EqualError(t, err, "config: misconfigured: "+want)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
	}
}

// A thousand people sign in over real HTTP while the configuration is swapped a hundred times. Each
// code is sent under one configuration and verified under a later one.
func TestNoCodeIsLostWhileTheConfigurationIsSwapped(t *testing.T) {
	const swaps, people = 100, 10 // people for each swap
	first, second := insidertest.NewServer(), kaleyratest.NewServer()
	defer first.Close()
	defer second.Close()
	path := filepath.Join(t.TempDir(), "otp.yaml")
	configure := func(swap int) {
		order, timeout := "insider, kaleyra", 10+swap // a new time-out means new clients
		if swap%2 == 1 {
			order = "kaleyra, insider"
		}
		file := fmt.Sprintf(`
providers:
  insider: {vendor: insider, api_key: %s, base_url: %s, send_limit: unlimited, verify_limit: unlimited, timeout: %ds}
  kaleyra: {vendor: kaleyra, sid: %s, api_key: %s, flow_id: %s, base_url: %s, flow: {code_length: 6}}
send: {failover: [%s]}
`, first.APIKey, first.URL, timeout, second.SID, second.APIKey, second.FlowID, second.URL, order)
		require.NoError(t, os.WriteFile(path+".new", []byte(file), 0o600))
		require.NoError(t, os.Rename(path+".new", path))
	}
	configure(0)
	cfg, err := otpconfig.Load(path)
	require.NoError(t, err)
	live, err := route.NewSwitch("otp", providerOf(t, cfg), 0)
	require.NoError(t, err)

	ctx, stop := context.WithCancel(t.Context())
	swapped, watch := make(chan error), make(chan error)
	go func() {
		watch <- cfg.Watch(ctx, live, otpconfig.WatchEvery(time.Millisecond), otpconfig.WatchReport(func(err error) { swapped <- err }))
	}()

	code := func(v otp.Verification) string {
		inbox := first.Inbox
		if v.Provider == "kaleyra" {
			inbox = second.Inbox
		}
		code, _ := inbox.Code(v.To)
		return code
	}
	failures := make(chan error, swaps*people)
	var everybody sync.WaitGroup
	for swap := range swaps {
		later := make(chan struct{}) // is closed after the next swap
		for person := range people {
			everybody.Go(func() {
				to := fmt.Sprintf("+90532%07d", swap*people+person)
				v, err := live.Send(ctx, otp.SendRequest{To: to, CodeLength: 6})
				<-later
				failures <- errors.Join(err, live.Verify(ctx, v, code(v)))
			})
		}
		configure(swap + 1)
		require.NoError(t, <-swapped)
		close(later)
	}
	everybody.Wait()
	stop()
	require.NoError(t, <-watch)
	close(failures)
	count := 0
	for err := range failures {
		count++
		require.NoError(t, err)
	}
	assert.Equal(t, swaps*people, count)
	assert.Equal(t, swaps*people, len(first.Inbox.All())+len(second.Inbox.All()), "one text each")
	assert.NotEmpty(t, first.Inbox.All())
	assert.NotEmpty(t, second.Inbox.All())
}
