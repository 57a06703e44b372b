package guardtest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"

	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/guard/guardtest"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func TestMemory(t *testing.T) {
	guardtest.TestStore(t, guardtest.Harness{
		New: func(t *testing.T) guard.Store {
			t.Helper()
			store, err := guard.NewMemory(0)
			require.NoError(t, err)
			return store
		},
		Advance: time.Sleep,
		Run:     synctest.Test,
	})
}
