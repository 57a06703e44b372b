package otpredis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

const (
	// childJob is set for a process that shares a rate with others. It is a job in JSON.
	childJob = "OTPREDIS_CHILD"

	// fullMinute makes the test of four processes take three real minutes.
	fullMinute = "OTP_FULL_MINUTE"
)

// job is what one of several processes has to do.
type job struct {
	Redis, Vendor string
	Rate          otp.Rate
	Runs          time.Duration
}

const (
	processes = 4
	callers   = 100                   // of each process, all hungry
	travel    = 20 * time.Millisecond // at most, one way
)

// runChild is a process of which all callers always want to send. It returns an exit code.
func runChild(text string) int {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return fail(err)
	}
	client := redis.NewClient(patientOptions(j.Redis))
	defer func() { _ = client.Close() }()
	limiter, err := otpredis.NewLimiter(client, "account", j.Rate, patient)
	if err != nil {
		return fail(err)
	}
	vendor := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: callers}}
	ctx, cancel := context.WithTimeout(context.Background(), j.Runs)
	defer cancel()
	errs := make(chan error, callers)
	for range callers {
		go func() { errs <- sendAll(ctx, limiter, vendor, j) }()
	}
	for range callers {
		if err := <-errs; err != nil {
			return fail(err)
		}
	}
	if stats := limiter.Stats(); stats.Failures > 0 || stats.Local > 0 {
		return fail(fmt.Errorf("redis was not always there: %+v", stats))
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func sendAll(ctx context.Context, limiter *otpredis.Limiter, vendor *http.Client, j job) error {
	for ctx.Err() == nil {
		// A request has a deadline of its own, and may be on its way when the process's time is up.
		reqCtx, cancel := context.WithTimeout(context.WithoutCancel(ctx), 5*j.Rate.Per)
		defer cancel()
		waitCtx, stop := context.WithCancel(reqCtx)
		unhook := context.AfterFunc(ctx, stop)
		done, err := limiter.Acquire(waitCtx)
		unhook()
		stop()
		if errors.Is(err, otp.ErrCanceled) {
			return nil
		}
		if err != nil {
			return err
		}
		time.Sleep(rand.N(travel))
		err = send(reqCtx, vendor, j.Vendor)
		time.Sleep(rand.N(travel))
		done(otp.OutcomeAccepted)
		cancel()
		if err != nil {
			return err
		}
	}
	return nil
}

func send(ctx context.Context, vendor *http.Client, url string) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, url, nil)
	if err != nil {
		return err
	}
	resp, err := vendor.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	return resp.Body.Close()
}

func TestFourProcessesShareARate(t *testing.T) {
	rate := otp.Rate{Events: 250, Per: 3 * time.Second}
	if os.Getenv(fullMinute) == "1" {
		rate.Per = time.Minute
	}
	start := time.Now()
	var mu sync.Mutex
	var arrivals []time.Duration
	vendor := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) {
		now := time.Since(start)
		mu.Lock()
		defer mu.Unlock()
		arrivals = append(arrivals, now)
	}))
	defer vendor.Close()

	text, err := json.Marshal(job{anyRedis(t), vendor.URL, rate, 3*rate.Per + rate.Per/4})
	require.NoError(t, err)
	var wg sync.WaitGroup
	for range processes {
		wg.Go(func() {
			child := exec.Command(os.Args[0])
			child.Env = append(os.Environ(), childJob+"="+string(text))
			out, err := child.CombinedOutput()
			assert.NoError(t, err, string(out))
		})
	}
	wg.Wait()

	require.GreaterOrEqual(t, len(arrivals), 3*rate.Events, "three windows")
	slices.Sort(arrivals)
	share := used(arrivals, rate)
	t.Logf("%d requests in %s, %.4f of the allowance used", len(arrivals), arrivals[len(arrivals)-1]-arrivals[0], share)
	assert.LessOrEqual(t, mostInAWindow(arrivals, rate.Per), rate.Events)
	assert.GreaterOrEqual(t, share, 0.95)
}

// mostInAWindow is the largest number of times that lie within one closed window. The times are sorted.
func mostInAWindow(times []time.Duration, window time.Duration) int {
	most, first := 0, 0
	for last := range times {
		for times[last]-times[first] > window {
			first++
		}
		most = max(most, last-first+1)
	}
	return most
}

// used is the share of the allowance that was used: how long, on average, it takes for one whole allowance to pass.
func used(arrivals []time.Duration, rate otp.Rate) float64 {
	var windows time.Duration
	for i, arrival := range arrivals[rate.Events:] {
		windows += arrival - arrivals[i]
	}
	return float64(rate.Per) * float64(len(arrivals)-rate.Events) / float64(windows)
}
