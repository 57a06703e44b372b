package guardtest_test

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/guard/guardtest"
)

// A store whose clock is package time is tested in a bubble, in which time passes at once. One with a clock of its own,
// such as a database, needs only New.
func ExampleTestStore() {
	_ = func(t *testing.T) { // TestConformance, say
		guardtest.TestStore(t, guardtest.Harness{
			New: func(t *testing.T) guard.Store {
				store, err := guard.NewMemory(1000) // your store
				if err != nil {
					t.Fatal(err)
				}
				return store
			},
			Advance: time.Sleep,
			Run:     synctest.Test,
		})
	}
}
