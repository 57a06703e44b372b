package otpredis_test

import (
	"context"
	"flag"
	"os"
	"testing"

	"github.com/redis/go-redis/v9"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) {
	redis.SetLogger(silence{})
	if job := os.Getenv(childJob); job != "" {
		os.Exit(runChild(job))
	}
	flag.Parse()
	_ = flag.Set("test.parallel", "8")                 // the tests wait more than they compute
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction( // ends a second after its client
		"github.com/redis/go-redis/v9/internal/pool.(*ConnPool).tryDial"))
}

// silence keeps go-redis from telling on stderr, for the whole program, that connections fail. They
// are meant to.
type silence struct{}

func (silence) Printf(context.Context, string, ...any) {}
