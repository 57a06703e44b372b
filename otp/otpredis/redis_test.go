package otpredis_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpredis"
)

// requireRedis makes the lack of a redis-server a failure.
const requireRedis = "OTP_REQUIRE_REDIS"

// realRedis is a redis-server of the test's own, on loopback, which keeps nothing on disk unless
// told to.
type realRedis struct {
	addr string
	dir  string
	args []string
	cmd  *exec.Cmd
	done chan struct{} // closed when the server has ended
}

// startRedis starts a redis-server from PATH, or skips the test when there is none.
func startRedis(tb testing.TB, args ...string) *realRedis {
	tb.Helper()
	path, err := exec.LookPath("redis-server")
	if err != nil {
		if os.Getenv(requireRedis) == "1" {
			tb.Fatal("there is no redis-server in PATH, and " + requireRedis + " is 1")
		}
		tb.Skip("there is no redis-server in PATH")
	}
	for range 5 {
		r := newRedis(tb, path, args...)
		if err = r.launch(tb); err == nil {
			tb.Cleanup(r.kill)
			return r
		}
	}
	require.NoError(tb, err)
	return nil
}

func newRedis(tb testing.TB, path string, args ...string) *realRedis {
	tb.Helper()
	addr := freeAddr(tb)
	_, port, err := net.SplitHostPort(addr)
	require.NoError(tb, err)
	dir := tb.TempDir()
	return &realRedis{addr: addr, dir: dir, args: append([]string{
		path, "--bind", "127.0.0.1", "--port", port, "--dir", dir, "--pidfile", filepath.Join(dir, "pid"),
		"--save", "", "--appendonly", "no",
	}, args...)}
}

// start is for a server that has run before, and has its port to itself.
func (r *realRedis) start(tb testing.TB) {
	tb.Helper()
	require.NoError(tb, r.launch(tb))
}

// launch returns when the server answers, or with an error: it ended, because another program has
// its port, or it did not answer for half a minute. The server writes its pidfile once the port is
// its own.
func (r *realRedis) launch(tb testing.TB) error {
	tb.Helper()
	pidfile := filepath.Join(r.dir, "pid")
	_ = os.Remove(pidfile)
	output, err := os.Create(filepath.Join(r.dir, "output"))
	require.NoError(tb, err)
	defer closed(tb, output)
	r.cmd = exec.Command(r.args[0], r.args[1:]...)
	r.cmd.Stdout, r.cmd.Stderr = output, output
	require.NoError(tb, r.cmd.Start())
	r.done = make(chan struct{})
	go func(cmd *exec.Cmd, done chan struct{}) {
		defer close(done)
		_ = cmd.Wait()
	}(r.cmd, r.done)
	client := redis.NewClient(otpredis.Defaults(&redis.Options{Addr: r.addr}))
	defer closed(tb, client)
	for late := time.After(30 * time.Second); ; {
		if _, err := os.Stat(pidfile); err == nil {
			if err := client.Ping(context.Background()).Err(); err == nil || redis.IsAuthError(err) {
				return nil
			}
		}
		select {
		case <-time.After(5 * time.Millisecond):
			continue
		case <-r.done:
		case <-late:
			r.kill()
		}
		break
	}
	said, _ := os.ReadFile(output.Name())
	return fmt.Errorf("redis-server %v does not answer: %s", r.args, said)
}

// kill ends the server as a crash does.
func (r *realRedis) kill() {
	_ = r.cmd.Process.Kill()
	<-r.done
}

// anyRedis is the address of a Redis: a real one if there is one, else one in memory.
func anyRedis(tb testing.TB) string {
	tb.Helper()
	if haveRedis() {
		return startRedis(tb).addr
	}
	tb.Log("there is no redis-server in PATH: this runs against miniredis")
	return miniredis.RunT(tb).Addr()
}

// freeAddr is below the ports that connections get, and leaves room for the second port of a server
// in a cluster, which is 10,000 higher.
func freeAddr(tb testing.TB) string {
	tb.Helper()
	for {
		port := 10_000 + rand.N(12_000)
		addr := fmt.Sprintf("127.0.0.1:%d", port)
		free := true
		for _, a := range []string{addr, fmt.Sprintf("127.0.0.1:%d", port+10_000)} {
			listener, err := net.Listen("tcp", a)
			if free = free && err == nil; err == nil {
				closed(tb, listener)
			}
		}
		if free {
			return addr
		}
	}
}

func closed(tb testing.TB, c io.Closer) {
	tb.Helper()
	require.NoError(tb, c.Close())
}

// patience is for everything that is not about deadlines, because the machine may be busy.
const patience = 10 * time.Second

var patient = otpredis.WithTimeout(patience)

func patientOptions(addr string) *redis.Options {
	return otpredis.Defaults(&redis.Options{
		Addr: addr, DialTimeout: patience, ReadTimeout: patience, WriteTimeout: patience,
	})
}

// connect returns a client that is patient and ends with the test.
func connect(tb testing.TB, addr string) *redis.Client {
	tb.Helper()
	client := redis.NewClient(patientOptions(addr))
	tb.Cleanup(func() { closed(tb, client) })
	return client
}

// connectByDefault returns a client as [otpredis.Defaults] makes it.
func connectByDefault(tb testing.TB, addr string) *redis.Client {
	tb.Helper()
	client := redis.NewClient(otpredis.Defaults(&redis.Options{Addr: addr}))
	tb.Cleanup(func() { closed(tb, client) })
	return client
}

// newLimiter returns a patient limiter.
func newLimiter(tb testing.TB, client redis.Scripter, rate otp.Rate, opts ...otpredis.Option) *otpredis.Limiter {
	tb.Helper()
	return defaultLimiter(tb, client, rate, append([]otpredis.Option{patient}, opts...)...)
}

func defaultLimiter(tb testing.TB, client redis.Scripter, rate otp.Rate, opts ...otpredis.Option) *otpredis.Limiter {
	tb.Helper()
	l, err := otpredis.NewLimiter(client, "account", rate, opts...)
	require.NoError(tb, err)
	return l
}

// newStore returns a patient store.
func newStore(tb testing.TB, client redis.Scripter) *otpredis.Store {
	tb.Helper()
	s, err := otpredis.NewStore(client, "users", patient)
	require.NoError(tb, err)
	return s
}

func defaultStore(tb testing.TB, client redis.Scripter) *otpredis.Store {
	tb.Helper()
	s, err := otpredis.NewStore(client, "users")
	require.NoError(tb, err)
	return s
}

// refusing is the address of a port that nobody listens on.
const refusing = "127.0.0.1:1"

// hangingRedis accepts connections and never says a word.
func hangingRedis(tb testing.TB) string {
	tb.Helper()
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	require.NoError(tb, err)
	var conns []net.Conn
	accepted := make(chan struct{})
	go func() {
		defer close(accepted)
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			conns = append(conns, conn)
		}
	}()
	tb.Cleanup(func() {
		closed(tb, listener)
		<-accepted
		for _, conn := range conns {
			_ = conn.Close()
		}
	})
	return listener.Addr().String()
}

// scripter is a client whose calls end as told. Any call but that of a script is a nil pointer.
type scripter struct {
	redis.Scripter

	script func(ctx context.Context) (any, error)
}

func (s scripter) EvalSha(ctx context.Context, _ string, _ []string, _ ...any) *redis.Cmd {
	return redis.NewCmdResult(s.script(ctx))
}

// counter counts the commands that a client sends.
type counter struct{ commands, scripts atomic.Int64 }

func (*counter) DialHook(next redis.DialHook) redis.DialHook { return next }

func (c *counter) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		c.commands.Add(1)
		if strings.HasPrefix(cmd.Name(), "eval") {
			c.scripts.Add(1)
		}
		return next(ctx, cmd)
	}
}

func (*counter) ProcessPipelineHook(next redis.ProcessPipelineHook) redis.ProcessPipelineHook {
	return next
}

// lossy is a hook that lets Redis run a script twice, as a client does that has lost the first
// answer.
type lossy struct{ counter }

func (*lossy) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		if strings.HasPrefix(cmd.Name(), "eval") {
			_ = next(ctx, cmd)
			cmd.SetErr(nil)
		}
		return next(ctx, cmd)
	}
}

// slow is a hook that holds answers back. It waits longer than the callers do, for what has been
// sent is done.
type slow struct {
	counter

	by atomic.Int64
}

func (s *slow) ProcessHook(next redis.ProcessHook) redis.ProcessHook {
	return func(ctx context.Context, cmd redis.Cmder) error {
		err := next(ctx, cmd)
		time.Sleep(time.Duration(s.by.Load()))
		return err
	}
}

// records is where a logger writes what a test reads.
type records struct {
	slog.Handler

	messages chan string
}

func newRecords() *records {
	return &records{Handler: slog.DiscardHandler, messages: make(chan string, 100)}
}

func (*records) Enabled(context.Context, slog.Level) bool { return true }

func (r *records) Handle(_ context.Context, record slog.Record) error {
	r.messages <- record.Message
	return nil
}

// failureOf returns the *otp.Error in err.
func failureOf(t *testing.T, err error) *otp.Error {
	t.Helper()
	var failure *otp.Error
	require.ErrorAs(t, err, &failure)
	return failure
}

var errBroken = errors.New("broken")

func haveRedis() bool {
	_, err := exec.LookPath("redis-server")
	return err == nil || os.Getenv(requireRedis) == "1"
}

func (r *realRedis) hostPort(tb testing.TB) (host, port string) {
	tb.Helper()
	host, port, err := net.SplitHostPort(r.addr)
	require.NoError(tb, err)
	return host, port
}

// startSentinelProcess returns when the Sentinel answers.
func startSentinelProcess(tb testing.TB, conf, addr string) {
	tb.Helper()
	cmd := exec.Command("redis-server", conf, "--sentinel")
	require.NoError(tb, cmd.Start())
	tb.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	client := connect(tb, addr)
	require.Eventually(tb, func() bool { return client.Ping(context.Background()).Err() == nil }, 30*time.Second, 10*time.Millisecond, "the Sentinel does not answer")
}
