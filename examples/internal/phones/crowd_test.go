package phones_test

import (
	"context"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
)

func TestEventsOfOneNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		s := d.shop("insider")
		p, done := d.stream(t.Context(), "/api/events?to="+number)
		synctest.Wait()
		s.sends(neighbour)
		d.post("/api/faults", `{"vendor":"insider","fault":"cut","to":"`+neighbour+`"}`, nil)
		d.post("/api/reset", `{"to":"`+neighbour+`"}`, nil)
		synctest.Wait()
		assert.Empty(t, kindsIn(p.String()), "nothing of another number")
		s.sends(number)
		d.post("/api/clock", `{"advance":"1m","to":"`+number+`"}`, nil)
		d.post("/api/reset", `{"to":"`+number+`"}`, nil)
		d.post("/api/reset", `{}`, nil)
		synctest.Wait()
		assert.Equal(t, []string{"message", "exchange", "message", "stale", "reset"}, kindsIn(p.String()))
		d.Close()
		<-done
	})
}

// A crowd of streams writes no more than a few do, and still learns everything or that it has
// missed something.
func TestManyStreamsShareTheirWrites(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		s := d.shop("insider")
		const crowd = 400
		var streams []*pipe
		var ended []<-chan struct{}
		for range crowd {
			p, done := d.stream(t.Context(), "/api/events")
			streams, ended = append(streams, p), append(ended, done)
		}
		synctest.Wait()
		for range 1000 {
			s.run(s.send)
			time.Sleep(time.Millisecond)
		}
		synctest.Wait()
		writes := 0
		for _, p := range streams {
			writes += p.written()
		}
		assert.Less(t, writes, 1500, "in a second, where each of 400 streams could write 2,000 times")
		time.Sleep(10 * time.Second)
		synctest.Wait()
		last := d.messages("").LastEvent
		for _, p := range streams {
			require.True(t, strings.Contains(p.String(), "id: "+last+"\n"))
		}
		d.Close()
		for _, done := range ended {
			<-done
		}
	})
}

func TestStreamsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		ctx, leave := context.WithCancel(t.Context())
		for range 4000 {
			d.stream(ctx, "/api/events")
		}
		synctest.Wait()
		w := d.do("GET", "/api/events", "")
		assert.Equal(t, http.StatusServiceUnavailable, w.Code)
		assert.Contains(t, w.Body.String(), `"error":"too many streams are open`)
		leave()
		synctest.Wait()
		assert.Equal(t, http.StatusOK, d.do("HEAD", "/api/events", "").Code, "and has no body to wait for")
		d.Close()
	})
}

// A wait is over when its own code comes, however many others wait.
func TestEachWaitGetsItsOwnCode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		s := d.shop("kaleyra")
		var waits sync.WaitGroup
		for i := range 100 {
			to := fmt.Sprintf("+1202555%04d", i)
			waits.Go(func() {
				var m phones.Message
				d.get("/api/codes/next?to="+to, &m)
				assert.Equal(t, to, m.To)
			})
		}
		synctest.Wait()
		for i := range 100 {
			s.run(s.sendTo(fmt.Sprintf("+1202555%04d", i)))
		}
		waits.Wait()
	})
}

// BenchmarkSendBesideStreams is one send at a time over loopback, with so many pages open that show
// it. To compare the latencies at 500 sends a second, look at ms/send: the benchmark keeps that
// pace.
func BenchmarkSendBesideStreams(b *testing.B) {
	for _, streams := range []int{0, 2000} {
		b.Run(fmt.Sprint(streams), func(b *testing.B) {
			p, err := phones.New(phones.Options{})
			require.NoError(b, err)
			server := httptest.NewServer(p)
			transport := &http.Transport{MaxIdleConnsPerHost: 10}
			client := &http.Client{Transport: transport}
			defer func() {
				p.Close()
				transport.CloseIdleConnections()
				server.Close()
			}()
			for range streams {
				resp, err := client.Get(server.URL + "/api/events")
				require.NoError(b, err)
				defer func() { _ = resp.Body.Close() }()
			}
			pace := time.NewTicker(2 * time.Millisecond)
			defer pace.Stop()
			var spent time.Duration
			for b.Loop() {
				<-pace.C
				began := time.Now()
				req, err := http.NewRequestWithContext(b.Context(), "POST", server.URL+"/insider/v1/generate",
					strings.NewReader(`{"channel":"sms","to":"+12025550123"}`))
				require.NoError(b, err)
				req.Header.Set("X-INS-AUTH-KEY", "insider-simulator-key")
				resp, err := client.Do(req)
				require.NoError(b, err)
				_ = resp.Body.Close()
				require.Equal(b, 202, resp.StatusCode)
				spent += time.Since(began)
			}
			b.ReportMetric(float64(spent.Microseconds())/1000/float64(b.N), "ms/send")
		})
	}
}
