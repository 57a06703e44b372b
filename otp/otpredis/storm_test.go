//go:build unix

package otpredis_test

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// longStorm makes the storms last for minutes, with limits as vendors have them, one after the
// other:
//
//	OTP_STORM=1 go test ./otp/otpredis -run TestStorm -v -timeout 1h
//
// docs/limits.md shows what it measures.
const longStorm = "OTP_STORM"

// storm is what happens to Redis, or to the processes that share a rate and always want to send.
type storm struct {
	start    func(s *stormy)
	happens  func(s *stormy)
	rate     otp.Rate      // of the long form. Default: 50/5s
	windows  int           // how long the long form takes. Default: 16
	deadline time.Duration // the same. Default: 15 s
	travel   time.Duration // the same. Default: 20 ms
	least    float64       // of the cap that has to be used in the long form
	quick    float64       // and in the quick one
}

// stormy is a storm while it lasts.
type stormy struct {
	*testing.T

	job     job
	site    site
	servers []*realRedis
	workers []*worker
	over    context.Context //nolint:containedctx // of the run
}

// sleep returns false when the storm is over before.
func (s *stormy) sleep(d time.Duration) bool {
	select {
	case <-time.After(d):
		return true
	case <-s.over.Done():
		return false
	}
}

func (s *stormy) single(args ...string) {
	s.servers = []*realRedis{startRedis(s.T, args...)}
	s.site = site{Addrs: []string{s.servers[0].addr}}
}

// client is of the only server, or the n-th.
func (s *stormy) client(n int) *redis.Client { return connect(s.T, s.servers[n].addr) }

func (s *stormy) signal(n int, signal syscall.Signal) {
	assert.NoError(s, s.servers[n].cmd.Process.Signal(signal))
}

func (s *stormy) pause(d time.Duration) {
	s.signal(0, syscall.SIGSTOP)
	s.sleep(d)
	s.signal(0, syscall.SIGCONT)
}

var storms = map[string]storm{
	"calm": {
		start: func(s *stormy) { s.single() }, least: 0.96, quick: 0.85,
	},
	"blips of 400 ms": {
		start: func(s *stormy) { s.single() }, least: 0.85, quick: 0.6,
		happens: func(s *stormy) {
			for s.sleep(2100 * time.Millisecond) {
				s.pause(400 * time.Millisecond)
			}
		},
	},
	"down for good": {
		start:   func(s *stormy) { s.single() },
		happens: func(s *stormy) { s.sleep(s.job.Rate.Per * 3 / 2); s.servers[0].kill() },
	},
	"stopped for long": {
		start:   func(s *stormy) { s.single() },
		happens: func(s *stormy) { s.sleep(s.job.Rate.Per); s.pause(4*time.Second + s.job.Rate.Per) },
	},
	"killed, log kept": {
		start: func(s *stormy) { s.single("--appendonly", "yes") },
		happens: func(s *stormy) {
			for s.sleep(2 * s.job.Rate.Per) {
				s.restart(500 * time.Millisecond)
			}
		},
	},
	"down for long, log kept": {
		start:   func(s *stormy) { s.single("--appendonly", "yes") },
		happens: func(s *stormy) { s.sleep(s.job.Rate.Per); s.restart(4*time.Second + s.job.Rate.Per) },
	},
	"killed, nothing kept": {
		start:   func(s *stormy) { s.single() },
		happens: func(s *stormy) { s.sleep(s.job.Rate.Per * 3 / 2); s.restart(200 * time.Millisecond) },
	},
	"older snapshot": {
		start: func(s *stormy) { s.single() },
		happens: func(s *stormy) {
			s.sleep(s.job.Rate.Per)
			assert.NoError(s, s.client(0).Save(s.Context()).Err())
			s.sleep(s.job.Rate.Per * 4 / 5)
			s.restart(100 * time.Millisecond)
		},
	},
	"flushed": {
		start: func(s *stormy) { s.single() },
		happens: func(s *stormy) {
			s.sleep(s.job.Rate.Per * 3 / 2)
			assert.NoError(s, s.client(0).FlushAll(s.Context()).Err())
		},
	},
	"scripts flushed": {
		start: func(s *stormy) { s.single() }, least: 0.9, quick: 0.8,
		happens: func(s *stormy) {
			for s.sleep(s.job.Rate.Per / 3) {
				assert.NoError(s, s.client(0).ScriptFlush(s.Context()).Err())
			}
		},
	},
	"volatile-lru": {start: evicting("volatile-lru"), happens: fill(time.Hour)},
	"volatile-ttl": {start: evicting("volatile-ttl"), happens: fill(time.Hour)},
	"allkeys-lru":  {start: evicting("allkeys-lru"), happens: fill(0)},
	"three masters": {
		start: startCluster, least: 0.9, quick: 0.8,
		happens: func(s *stormy) {
			for s.sleep(s.job.Rate.Per) {
				s.pause(200 * time.Millisecond)
			}
		},
	},
	"failover":               {start: startSentinel(0), happens: failover(0)},
	"failover, clock ahead":  {start: startSentinel(60), happens: failover(60)},
	"failover, clock behind": {start: startSentinel(-60), happens: failover(-60)},
	"killed processes": {
		start: func(s *stormy) { s.single() }, rate: otp.Rate{Events: 250, Per: time.Minute}, windows: 4, least: 0.93,
		travel: 500 * time.Millisecond, // so that they have slots in hand
		happens: func(s *stormy) {
			for s.sleep(s.job.Rate.Per / 20) {
				s.replaceWorker(rand.N(len(s.workers)))
			}
		},
	},
	"short deadlines": {
		start: func(s *stormy) { s.single() }, rate: otp.Rate{Events: 60, Per: 15 * time.Second}, windows: 8,
		deadline: 5 * time.Second, least: 0.95, quick: 0.85,
	},
}

func (s *stormy) restart(after time.Duration) {
	s.servers[0].kill()
	s.sleep(after)
	s.servers[0].start(s.T)
}

func (s *stormy) replaceWorker(n int) {
	_ = s.workers[n].cmd.Process.Kill()
	_ = s.workers[n].cmd.Wait()
	s.workers[n] = startWorker(s.T, s.job)
}

func evicting(policy string) func(s *stormy) {
	return func(s *stormy) { s.single("--maxmemory", "8mb", "--maxmemory-policy", policy) }
}

// fill writes keys until others have to go, all the time.
func fill(life time.Duration) func(s *stormy) {
	return func(s *stormy) {
		client, text := s.client(0), strings.Repeat("x", 10_000)
		s.sleep(s.job.Rate.Per)
		for n := 0; s.sleep(2 * time.Millisecond); n++ {
			_ = client.Set(s.Context(), fmt.Sprintf("other:%d", n), text, life).Err()
		}
	}
}

func startCluster(s *stormy) {
	const masters = 3
	for range masters {
		s.servers = append(s.servers,
			startRedis(s.T, "--cluster-enabled", "yes", "--cluster-config-file", "nodes.conf"))
		s.site.Addrs = append(s.site.Addrs, s.servers[len(s.servers)-1].addr)
	}
	s.site.Cluster = true
	for n := range masters {
		client := s.client(n)
		require.NoError(s, client.ClusterAddSlotsRange(s.Context(), n*16384/masters, (n+1)*16384/masters-1).Err())
		for _, other := range s.servers {
			host, port := other.hostPort(s)
			require.NoError(s, client.ClusterMeet(s.Context(), host, port).Err())
		}
	}
	for n := range masters {
		require.Eventually(s, func() bool {
			return strings.Contains(s.client(n).ClusterInfo(s.Context()).Val(), "cluster_state:ok")
		}, 20*time.Second, 50*time.Millisecond)
	}
}

// startSentinel starts a master, and a replica whose clock is so many seconds ahead, and a
// Sentinel.
func startSentinel(ahead int) func(s *stormy) {
	return func(s *stormy) {
		s.single("--replica-read-only", "no")
		host, port := s.servers[0].hostPort(s)
		s.servers = append(s.servers, startRedis(s.T, "--replicaof", host+" "+port, "--replica-read-only", "no"))
		require.Eventually(s, func() bool {
			return strings.Contains(s.client(1).Info(s.Context(), "replication").Val(), "master_link_status:up")
		}, 20*time.Second, 50*time.Millisecond)
		require.NoError(s, s.client(1).Set(s.Context(), testClock, ahead, 0).Err())

		addr := freeAddr(s)
		conf := filepath.Join(s.TempDir(), "sentinel.conf")
		_, own, _ := strings.Cut(addr, ":")
		require.NoError(s, os.WriteFile(conf, []byte("port "+own+"\nbind 127.0.0.1\nsentinel monitor main "+host+" "+port+
			" 1\nsentinel down-after-milliseconds main 300\nsentinel failover-timeout main 2000\n"), 0o600))
		startSentinelProcess(s, conf, addr)
		s.site = site{Addrs: []string{addr}, Sentinel: true, Clock: true}
	}
}

// failover kills the master.
func failover(ahead int) func(s *stormy) {
	return func(s *stormy) {
		s.sleep(s.job.Rate.Per * 3 / 2)
		s.servers[0].kill()
		assert.Eventually(s, func() bool {
			return strings.Contains(s.client(1).Info(s.Context(), "replication").Val(), "role:master")
		}, 20*time.Second, 50*time.Millisecond)
		clock, err := s.client(1).Get(s.Context(), testClock).Int()
		assert.NoError(s, err)
		assert.Equal(s, ahead, clock)
	}
}

func TestStorm(t *testing.T) {
	long := os.Getenv(longStorm) == "1"
	for name, weather := range storms {
		t.Run(name, func(t *testing.T) {
			if !long {
				t.Parallel()
			}
			runStorm(t, weather, long)
		})
	}
}

func runStorm(t *testing.T, weather storm, long bool) {
	t.Helper()
	s := &stormy{T: t}
	weather.start(s)
	processes, windows, least := 4, 7, weather.quick
	s.job = job{
		Redis: s.site, Rate: otp.Rate{Events: 20, Per: time.Second}, Lease: 500 * time.Millisecond,
		Callers: 20, Deadline: 5 * time.Second, Pause: 100 * time.Millisecond, Travel: 20 * time.Millisecond,
	}
	if long {
		processes, windows, least = 16, 16, weather.least
		s.job.Rate, s.job.Lease, s.job.Deadline = otp.Rate{Events: 50, Per: 5 * time.Second}, 30*time.Second, 15*time.Second
		s.job.Pause = time.Second
		if weather.rate != (otp.Rate{}) {
			s.job.Rate, windows = weather.rate, weather.windows
		}
		s.job.Travel = max(s.job.Travel, weather.travel)
		if weather.deadline != 0 {
			s.job.Deadline = weather.deadline
			s.job.Callers = 200 / processes
		}
	}
	length := time.Duration(windows) * s.job.Rate.Per
	s.job.Ends = time.Now().Add(length)
	var stop context.CancelFunc
	s.over, stop = context.WithDeadline(t.Context(), s.job.Ends)
	defer stop()

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
	s.job.Vendor = vendor.URL

	for range processes {
		s.workers = append(s.workers, startWorker(t, s.job))
	}
	if weather.happens != nil {
		weather.happens(s)
	}
	var total report
	for _, w := range s.workers {
		r, err := w.end()
		assert.NoError(t, err)
		total.add(r)
	}
	slices.Sort(arrivals)
	most, over := worstWindow(arrivals, s.job.Rate)
	share := used(arrivals, s.job.Rate)
	t.Logf("| %d | %s | %d | %d | %d | %.0f %% | %+v", processes, s.job.Rate, len(arrivals), most, over, 100*share, total)
	assert.Zero(t, over, "of %d are over", len(arrivals))
	assert.GreaterOrEqual(t, share, least)
	assert.Zero(t, total.Late)
}

// worstWindow returns the largest number of arrivals within one closed window, and how many
// arrivals were more than the window allows. The arrivals are sorted.
func worstWindow(arrivals []time.Duration, rate otp.Rate) (most, over int) {
	first := 0
	for last := range arrivals {
		for arrivals[last]-arrivals[first] > rate.Per {
			first++
		}
		most = max(most, last-first+1)
		if last-first+1 > rate.Events {
			over++
		}
	}
	return most, over
}

// used is the share of the cap that was used: how long, on average, it takes for one whole
// allowance to pass.
func used(arrivals []time.Duration, rate otp.Rate) float64 {
	if len(arrivals) <= rate.Events {
		return 0
	}
	var windows time.Duration
	for i, arrival := range arrivals[rate.Events:] {
		windows += arrival - arrivals[i]
	}
	return float64(rate.Per) * float64(len(arrivals)-rate.Events) / float64(windows)
}
