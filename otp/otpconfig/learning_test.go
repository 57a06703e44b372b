package otpconfig_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/route"
)

const learningFile = `
providers:
  a: {vendor: acme, token: t}
  b: {vendor: acme, token: t}
send: {learning: [a, {provider: b, price: 0.05}], memory: 24h, result_window: 2m, compare: 0.2, price_margin: 0.01}
`

func TestLearningOutlivesReloads(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		w := watching(t, learningFile, otpconfig.WatchEvery(10*time.Minute))
		asked := 0
		come := func(n int) { // codes of a do not arrive
			for range n {
				asked++
				to := fmt.Sprintf("+9053%08d", asked*10_007)
				v, err := w.Send(t.Context(), otp.SendRequest{To: to, Code: "246813"})
				require.NoError(t, err)
				time.Sleep(20 * time.Second)
				if v.Provider == "b" {
					require.NoError(t, w.Verify(t.Context(), v, "246813"))
				}
				time.Sleep(40 * time.Second)
			}
		}
		come(200)
		assert.Contains(t, w.Unwrap()[0].(*route.Router).Explain("+90"), "b gets")
		for _, change := range []string{", timeout: 3s}", ", timeout: 4s}"} {
			w.write("providers:\n  a: {vendor: acme, token: t}\n  b: {vendor: acme, token: t" + change + "\nsend: {learning: [a, b]}\n")
			w.wait(time.Hour)
			come(100)
			assert.Regexp(t, `b gets .* come back \([23]\d\d results\)`, w.Unwrap()[0].(*route.Router).Explain("+90"))
		}
		assert.Equal(t, []error{nil, nil}, w.reports())
		assert.Equal(t, "send", w.Unwrap()[0].Name())
	})
}

// learningStore is one of the program's.
type learningStore struct{ asked atomic.Int32 }

func (s *learningStore) Exchange(context.Context, string, string, []byte) (map[string][]byte, error) {
	s.asked.Add(1)
	return nil, nil
}

func TestLearningStoreOfTheProgram(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var store learningStore
		file := fileWith(t, acmes("a")+"x-note: see below\n")
		_, _, err := otpconfig.Open(t.Context(), file, otpconfig.With(new(acme).registry(t, nil)))
		require.NoError(t, err)
		file = fileWith(t, "providers: {a: {vendor: acme, token: t}}\nsend: {learning: [a], store: redis}\n")
		_, _, err = otpconfig.Open(t.Context(), file, otpconfig.With(new(acme).registry(t, nil)))
		require.EqualError(t, err, "config: misconfigured: send.store: must be handed in by the program, in its otpconfig.Registry ("+file+":2)")

		registry := new(acme).registry(t, nil)
		registry.LearningStores = map[string]route.LearningStore{"redis": &store}
		p, end, err := otpconfig.Open(t.Context(), file, otpconfig.With(registry))
		require.NoError(t, err)
		_, err = p.Send(t.Context(), otp.SendRequest{To: phone})
		require.NoError(t, err)
		time.Sleep(time.Minute)
		assert.Positive(t, store.asked.Load())
		require.NoError(t, end())
		time.Sleep(time.Hour)
	})
}

func TestLearningFromVariables(t *testing.T) {
	cfg, err := otpconfig.FromEnv(variables(map[string]string{
		"OTP_PROVIDERS": "a,b", "OTP_LEARNING": "a,b", "OTP_A_VENDOR": "insider", "OTP_A_API_KEY": "k", "OTP_B_VENDOR": "insider", "OTP_B_API_KEY": "k",
	}))
	require.NoError(t, err)
	assert.Equal(t, "a (insider), b (insider); send: learning(a, b)", cfg.String())
	assert.NotEmpty(t, providerOf(t, cfg).(*route.Router).Explain("+90"))
}
