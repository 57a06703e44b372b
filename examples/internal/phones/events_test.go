package phones_test

import (
	"bufio"
	"bytes"
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
)

// pipe is a client that reads a stream as it is written.
type pipe struct {
	mu      sync.Mutex
	header  http.Header
	text    bytes.Buffer
	flushed int // bytes that have really gone out
	writes  int
	gone    bool
}

func (p *pipe) Header() http.Header { return p.header }
func (p *pipe) WriteHeader(int)     {}

func (p *pipe) Write(b []byte) (int, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.gone {
		return 0, errors.New("gone")
	}
	p.writes++
	return p.text.Write(b)
}

func (p *pipe) Flush() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.flushed = p.text.Len()
}

func (p *pipe) written() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.writes
}

func (p *pipe) String() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return string(p.text.Bytes()[:p.flushed])
}

func (p *pipe) leave() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.gone = true
}

// stream opens a stream and returns it with a channel that is closed when it ends.
func (d desk) stream(ctx context.Context, target string, headers ...string) (*pipe, <-chan struct{}) {
	d.t.Helper()
	r := httptest.NewRequestWithContext(ctx, "GET", target, nil)
	r.Host = local
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	p, done := &pipe{header: make(http.Header)}, make(chan struct{})
	go func() {
		defer close(done)
		d.ServeHTTP(p, r)
	}()
	return p, done
}

// events opens a stream after an id; the function returns all that it said, once it has ended. The
// stream of an unknown id begins with "stale", so for "first" it starts at the first event that is
// kept.
func (d desk) events(after string) func() string {
	d.t.Helper()
	if after == "first" {
		run, _, _ := strings.Cut(d.messages("").LastEvent, "-")
		after = run + "-0"
	}
	p, done := d.stream(context.Background(), "/api/events", "Last-Event-ID: "+after)
	for !strings.Contains(p.String(), "data:") {
		time.Sleep(time.Millisecond)
	}
	return func() string {
		<-done
		return p.String()
	}
}

var kinds = regexp.MustCompile(`(?m)^event: (.*)$`)

func kindsIn(text string) (list []string) {
	for _, match := range kinds.FindAllStringSubmatch(text, -1) {
		list = append(list, match[1])
	}
	return list
}

func TestEventsAsTheyHappen(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		s := d.shop("insider")
		s.sends("+12025550101") // before: not told
		p, done := d.stream(t.Context(), "/api/events")
		synctest.Wait()
		assert.Equal(t, "retry: 1000\n\n", p.String(), "the reader knows at once that it is connected")
		assert.Equal(t, "text/event-stream", p.Header().Get("Content-Type"))

		m := s.sends(number)
		synctest.Wait()
		assert.Equal(t, []string{"message", "exchange"}, kindsIn(p.String()), "within no time at all")
		assert.Contains(t, p.String(), `"code":"`+m.Code+`"`)
		assert.NotContains(t, p.String(), "+12025550101")
		assert.NotContains(t, p.String(), "insider-simulator-key")

		s.types(m, m.Code)
		d.post("/api/faults", `{"vendor":"insider","fault":"cut"}`, nil)
		d.post("/api/reset", `{}`, nil)
		synctest.Wait()
		assert.Equal(t, []string{"message", "exchange", "message", "exchange", "faults", "reset"}, kindsIn(p.String()))
		assert.Contains(t, p.String(), `"state":"verified"`)

		d.Close()
		<-done
	})
}

func TestAHeartbeatEveryFifteenSeconds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		p, done := d.stream(t.Context(), "/api/events")
		time.Sleep(46 * time.Second)
		synctest.Wait()
		assert.Equal(t, 3, strings.Count(p.String(), ": still here\n\n"))
		p.leave()
		time.Sleep(15 * time.Second)
		<-done // a reader that is gone is noticed
	})
}

func TestAStreamIsTakenUpAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		s := d.shop("insider")
		s.sends("+12025550101")
		after := d.messages("").LastEvent
		s.sends(number)
		for name, open := range map[string]func(context.Context) *pipe{
			"by header": func(ctx context.Context) *pipe {
				p, _ := d.stream(ctx, "/api/events?after=old-1", "Last-Event-ID: "+after)
				return p
			},
			"by parameter": func(ctx context.Context) *pipe { p, _ := d.stream(ctx, "/api/events?after="+after); return p },
		} {
			ctx, leave := context.WithCancel(t.Context())
			p := open(ctx)
			synctest.Wait()
			assert.Equal(t, []string{"message", "exchange"}, kindsIn(p.String()), name)
			assert.NotContains(t, p.String(), "+12025550101", name)
			leave()
			synctest.Wait()
		}
	})
}

func TestAStreamThatMissedEventsStartsOver(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		s := d.shop("insider")
		early := d.messages("").LastEvent
		d.flood(1000) // as many events are kept, and the requests are events, too
		last := d.messages("").LastEvent
		run, count, _ := strings.Cut(last, "-")
		n, err := strconv.Atoi(count)
		require.NoError(t, err)
		for _, id := range []string{early, "another-" + count, "garbage", run + "-" + strconv.Itoa(n+1), run + "-x", run + "--5", run + "-99999999999999999999"} {
			ctx, leave := context.WithCancel(t.Context())
			p, _ := d.stream(ctx, "/api/events", "Last-Event-ID: "+id)
			synctest.Wait()
			assert.Equal(t, "retry: 1000\n\nid: "+last+"\nevent: stale\ndata: {}\n\n", p.String(), id)
			leave()
			synctest.Wait()
		}

		ctx, leave := context.WithCancel(t.Context())
		p, _ := d.stream(ctx, "/api/events", "Last-Event-ID: garbage")
		synctest.Wait()
		s.run(s.send)
		synctest.Wait()
		news := kindsIn(p.String())
		assert.Equal(t, "stale", news[0])
		assert.Contains(t, news, "exchange", "and then goes on")
		leave()
		synctest.Wait()
	})
}

// A code is with the browser at once. It takes a millisecond; the bound is for busy machines.
func TestACodeGoesOutAtOnce(t *testing.T) {
	d := start(t, phones.Options{})
	url, client := d.serve()
	req, err := http.NewRequestWithContext(t.Context(), "GET", url+"/api/events", nil)
	require.NoError(t, err)
	resp, err := client.Do(req)
	require.NoError(t, err)
	defer func() { _ = resp.Body.Close() }()
	s := d.shop("hypersender")
	lines := bufio.NewScanner(resp.Body)
	began := time.Now()
	s.run(s.send)
	for lines.Scan() {
		if strings.HasPrefix(lines.Text(), "data: ") && strings.Contains(lines.Text(), `"code":"`) {
			break
		}
	}
	require.NoError(t, lines.Err())
	took := time.Since(began)
	assert.Less(t, took, time.Second)
	t.Log("took", took)
}
