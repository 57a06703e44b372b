package otpredis_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

// childJob is set for a process that shares a rate with others. It is a job in JSON.
const childJob = "OTPREDIS_CHILD"

// job is what one of several processes has to do.
type job struct {
	Redis    site
	Vendor   string
	Rate     otp.Rate
	Lease    time.Duration
	Ends     time.Time
	Callers  int
	Deadline time.Duration // of each call
	Pause    time.Duration // before a caller who was refused tries again
	Travel   time.Duration // how long a request is under way at most, one way
}

// report is what a process has seen. Late are requests that were let go too late to be answered.
type report struct {
	Sent, Refused, Unavailable, Late int
	Stats                            otpredis.Stats
}

func (r *report) add(other report) {
	r.Sent += other.Sent
	r.Refused += other.Refused
	r.Unavailable += other.Unavailable
	r.Late += other.Late
	r.Stats.Shared += other.Stats.Shared
	r.Stats.Local += other.Stats.Local
	r.Stats.Failures += other.Stats.Failures
}

// runChild is a process whose callers always want to send. It returns an exit code.
func runChild(text string) int {
	var j job
	if err := json.Unmarshal([]byte(text), &j); err != nil {
		return fail(err)
	}
	client := j.Redis.connect()
	defer func() { _ = client.Close() }()
	limiter, err := otpredis.NewLimiter(client, "account", j.Rate, otpredis.WithLease(j.Lease))
	if err != nil {
		return fail(err)
	}
	vendor := &http.Client{Transport: &http.Transport{MaxIdleConnsPerHost: j.Callers}}
	ctx, cancel := context.WithDeadline(context.Background(), j.Ends)
	defer cancel()
	reports, errs := make([]report, j.Callers), make([]error, j.Callers)
	var wg sync.WaitGroup
	for i := range j.Callers {
		wg.Go(func() { errs[i] = sendAll(ctx, limiter, vendor, j, &reports[i]) })
	}
	wg.Wait()
	if err := errors.Join(errs...); err != nil {
		return fail(err)
	}
	total := report{Stats: limiter.Stats()}
	for _, r := range reports {
		total.add(r)
	}
	if err := json.NewEncoder(os.Stdout).Encode(total); err != nil {
		return fail(err)
	}
	return 0
}

func fail(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

func sendAll(ctx context.Context, l *otpredis.Limiter, vendor *http.Client, j job, r *report) error {
	for ctx.Err() == nil {
		if err := sendOne(ctx, l, vendor, j, r); err != nil {
			return err
		}
	}
	return nil
}

// sendOne makes one request, which has a deadline of its own and may be on its way when ctx ends.
func sendOne(ctx context.Context, l *otpredis.Limiter, vendor *http.Client, j job, r *report) error {
	mine, cancel := context.WithTimeout(context.WithoutCancel(ctx), j.Deadline)
	defer cancel()
	waiting, stop := context.WithCancel(mine)
	defer stop()
	defer context.AfterFunc(ctx, stop)()
	done, err := l.Acquire(waiting)
	switch {
	case errors.Is(err, otp.ErrCanceled):
		return nil
	case errors.Is(err, otp.ErrRateLimited), errors.Is(err, otp.ErrUnavailable):
		if errors.Is(err, otp.ErrRateLimited) {
			r.Refused++
		} else {
			r.Unavailable++
		}
		select {
		case <-ctx.Done():
		case <-time.After(j.Pause + rand.N(j.Pause/10)):
		}
		return nil
	case err != nil:
		return err
	}
	time.Sleep(rand.N(j.Travel))
	req, err := http.NewRequestWithContext(context.WithoutCancel(mine), http.MethodPost, j.Vendor, nil)
	if err != nil {
		return err
	}
	resp, err := vendor.Do(req)
	if err != nil {
		return err
	}
	_, _ = io.Copy(io.Discard, resp.Body)
	_ = resp.Body.Close()
	time.Sleep(rand.N(j.Travel))
	done(otp.OutcomeAccepted)
	r.Sent++
	if mine.Err() != nil {
		r.Late++
	}
	return nil
}

// worker is such a process.
type worker struct {
	cmd      *exec.Cmd
	out, err strings.Builder
}

func startWorker(t *testing.T, j job) *worker {
	t.Helper()
	text, err := json.Marshal(j)
	require.NoError(t, err)
	w := &worker{cmd: exec.Command(os.Args[0])}
	w.cmd.Env = append(os.Environ(), childJob+"="+string(text), "GOMAXPROCS=1")
	w.cmd.Stdout, w.cmd.Stderr = &w.out, &w.err
	require.NoError(t, w.cmd.Start())
	return w
}

// end waits for the worker's own end, and returns what it has seen.
func (w *worker) end() (r report, err error) {
	if err = w.cmd.Wait(); err != nil {
		return r, fmt.Errorf("%w: %s", err, w.err.String())
	}
	return r, json.Unmarshal([]byte(w.out.String()), &r)
}

// site is where the workers find Redis.
type site struct {
	Addrs    []string
	Cluster  bool
	Sentinel bool // Addrs are those of Sentinels
	Clock    bool // the key testClock moves the server's clock
}

func (s site) connect() redis.UniversalClient {
	single := otpredis.Defaults(&redis.Options{})
	opts := &redis.UniversalOptions{
		Addrs: s.Addrs, IsClusterMode: s.Cluster, ContextTimeoutEnabled: true,
		DialTimeout: single.DialTimeout, DialerRetries: single.DialerRetries,
		ReadTimeout: single.ReadTimeout, WriteTimeout: single.WriteTimeout, MaxRetries: single.MaxRetries,
	}
	if s.Sentinel {
		opts.MasterName = "main"
	}
	client := redis.NewUniversalClient(opts)
	if s.Clock {
		source, err := os.ReadFile("limit.lua")
		if err != nil {
			panic(err)
		}
		client.AddHook(&movedClock{script: strings.Replace(string(source), readClock, moveClock, 1)})
	}
	return client
}

const (
	testClock = "test:clock"
	readClock = "local time = redis.call('TIME')\n"
	moveClock = readClock + "time[1] = time[1] + (redis.call('GET', '" + testClock + "') or 0)\n"
)

// movedClock is a hook that lets the script read a clock that a test can move.
type movedClock struct {
	counter

	script string
}

func (m *movedClock) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if args := cmd.Args(); strings.HasPrefix(cmd.Name(), "eval") {
			args[0], args[1] = "eval", m.script
		}
		return next(ctx, cmd)
	}
}
