package vendorkit_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/httptest"
	"runtime"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

const (
	urlCanary    = "url-canary-0123456789"
	headerCanary = "header-canary-0123456789"
	public       = "https://shop.example/receipts/acme"
)

func receiverConfig() vendorkit.ReceiverConfig {
	return vendorkit.ReceiverConfig{
		PublicURL: public, URLSecrets: []string{urlCanary}, HeaderSecrets: []string{headerCanary},
	}
}

// readPlain reads "id status number".
func readPlain(c vendorkit.HookCall) (otp.Receipt, error) {
	var r otp.Receipt
	var status string
	if _, err := fmt.Fscan(bytes.NewReader(c.Body), &r.ID, &status, &r.To); err != nil {
		return r, err
	}
	if r.ID == "none" {
		return otp.Receipt{}, nil
	}
	if r.ID == "-" {
		r.ID = c.Reference
	}
	return r, r.Status.UnmarshalText([]byte(status))
}

// hooks are one kind with a header, and one with a reference that is repeated.
func hooks() []vendorkit.Hook {
	post := []string{http.MethodPost}
	return []vendorkit.Hook{
		{Methods: post, Header: "Authorization", Prefix: "Bearer ", Read: readPlain, Unreadable: 400, Body: "thanks"},
		{Path: "sms/{reference}", Read: readPlain, Repeats: true},
	}
}

func receiver(t testing.TB, cfg vendorkit.ReceiverConfig, handle otp.ReceiptHandler) *vendorkit.Receiver {
	t.Helper()
	r, err := vendorkit.NewReceiver("acme", cfg, handle, hooks()...)
	require.NoError(t, err)
	return r
}

// taken collects receipts.
type taken struct {
	mu   sync.Mutex
	list []otp.Receipt
}

func (l *taken) handle(_ context.Context, r otp.Receipt) error {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.list = append(l.list, r)
	return nil
}

func (l *taken) statuses() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	var all []string
	for _, r := range l.list {
		all = append(all, r.Status.String())
	}
	return strings.Join(all, " ")
}

func post(handler http.Handler, url, body string) *httptest.ResponseRecorder {
	req := httptest.NewRequest(http.MethodPost, url, strings.NewReader(body))
	req.Header.Set("Authorization", "bearer "+headerCanary)
	w := httptest.NewRecorder()
	handler.ServeHTTP(w, req)
	return w
}

func TestReceiptReachesTheCallback(t *testing.T) {
	got := new(taken)
	r := receiver(t, receiverConfig(), got.handle)
	w := post(r, r.URL(), "m1 delivered 905321234567")
	assert.Equal(t, 200, w.Code)
	assert.Equal(t, "thanks", w.Body.String())
	require.Len(t, got.list, 1)
	assert.WithinDuration(t, time.Now(), got.list[0].Time, time.Minute)
	got.list[0].Time = time.Time{}
	assert.Equal(t, otp.Receipt{Provider: "acme", ID: "m1", To: number, Status: otp.ReceiptDelivered}, got.list[0])

	assert.Equal(t, public+"/"+urlCanary+"/sms/r%201", r.URL("sms", "r 1"))
	w = post(r, r.URL("sms", "ref-1"), "- read nobody")
	assert.Empty(t, w.Header())
	assert.Equal(t, "ref-1", got.list[1].ID)
	assert.Empty(t, got.list[1].To, "what is no number is dropped")
	assert.Equal(t, vendorkit.ReceiverStats{Taken: 2}, r.Stats())
}

func TestForgedCallsChangeNothing(t *testing.T) {
	got := new(taken)
	cfg := receiverConfig()
	cfg.URLSecrets = append(cfg.URLSecrets, "older-url-secret-01")
	r := receiver(t, cfg, got.handle)
	for _, test := range []struct {
		method, path, header string
		want                 int
	}{
		{"POST", "/wrong-secret-0123456", "Bearer " + headerCanary, 404},
		{"POST", "/", "Bearer " + headerCanary, 404},
		{"POST", "", "Bearer " + headerCanary, 404},
		{"POST", "/" + urlCanary + "/", "Bearer " + headerCanary, 404},
		{"POST", "/" + urlCanary + "/fax/1", "Bearer " + headerCanary, 404},
		{"POST", "/" + urlCanary + "/sms/", "", 404},
		{"POST", "/" + urlCanary + "/sms/" + strings.Repeat("r", 129), "", 404},
		{"POST", "/sms/" + urlCanary, "", 401},
		{"POST", "/" + strings.ToUpper(urlCanary), "Bearer " + headerCanary, 404},
		{"POST", "/" + strings.Repeat("x", 300), "Bearer " + headerCanary, 404},
		{"POST", "/" + headerCanary, "Bearer " + headerCanary, 404},
		{"POST", "/" + urlCanary, "", 401},
		{"POST", "/" + urlCanary, "Bearer", 401},
		{"POST", "/" + urlCanary, "Bearer ", 401},
		{"POST", "/" + urlCanary, headerCanary, 401},
		{"POST", "/" + urlCanary, "Basic " + headerCanary, 401},
		{"POST", "/" + urlCanary, "Bearer " + headerCanary + " ", 401},
		{"POST", "/" + urlCanary, "Bearer " + urlCanary, 401},
		{"GET", "/" + urlCanary, "", 401},
		{"PUT", "/" + urlCanary, "Bearer " + headerCanary, 405},
		{"GET", "/" + urlCanary, "Bearer " + headerCanary, 200},
		{"HEAD", "/older-url-secret-01", "BEARER " + headerCanary, 200},
	} {
		req := httptest.NewRequest(test.method, public+test.path, strings.NewReader("m1 delivered "+number))
		if test.header != "" {
			req.Header.Set("Authorization", test.header)
		}
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		assert.Equal(t, test.want, w.Code, "%s %s %s", test.method, test.path, test.header)
	}
	twice := httptest.NewRequest(http.MethodPost, r.URL(), strings.NewReader("m1 delivered "+number))
	twice.Header["Authorization"] = []string{"Bearer " + headerCanary, "Bearer x"}
	w := httptest.NewRecorder()
	r.ServeHTTP(w, twice)
	assert.Equal(t, 401, w.Code)
	assert.Empty(t, got.list)
	assert.EqualValues(t, 21, r.Stats().Refused)
}

func TestNoHeaderSecretRefusesEveryHeader(t *testing.T) {
	cfg := receiverConfig()
	cfg.HeaderSecrets = nil
	r := receiver(t, cfg, new(taken).handle)
	for _, header := range []string{"", "Bearer ", "Bearer " + headerCanary} {
		req := httptest.NewRequest(http.MethodPost, r.URL(), strings.NewReader("m1 read 1"))
		req.Header.Set("Authorization", header)
		w := httptest.NewRecorder()
		r.ServeHTTP(w, req)
		assert.Equal(t, 401, w.Code)
	}
}

func TestUnreadableBodiesChangeNothing(t *testing.T) {
	got := new(taken)
	r := receiver(t, receiverConfig(), got.handle)
	huge := "m1 delivered " + number + strings.Repeat(" ", 64<<10)
	for _, test := range []struct {
		path, body string
		want       int
	}{
		{r.URL(), "", 400},
		{r.URL(), "m1", 400},
		{r.URL(), "m1 arrived " + number, 400},
		{r.URL(), huge, 413},
		{r.URL(), strings.Repeat("m", 257) + " read x", 400}, // neither id nor number
		{r.URL("sms", "1"), huge, 200},
		{r.URL("sms", "1"), "m1", 200},
		{r.URL(), "none read x", 200},
	} {
		assert.Equal(t, test.want, post(r, test.path, test.body).Code, test.body[:min(20, len(test.body))])
	}
	assert.Empty(t, got.list)
	assert.Equal(t, vendorkit.ReceiverStats{Unreadable: 7}, r.Stats())
}

func TestRepeatedAndLateReceiptsAreDropped(t *testing.T) {
	got := new(taken)
	r := receiver(t, receiverConfig(), got.handle)
	for _, status := range []string{
		"unknown", "sent", "sent", "accepted", "undelivered", "expired", "unknown", "delivered", "undelivered", "delivered", "read",
	} {
		assert.Equal(t, 200, post(r, r.URL(), "m1 "+status+" x").Code)
	}
	assert.Equal(t, "unknown sent undelivered delivered read", got.statuses())
	assert.Equal(t, vendorkit.ReceiverStats{Taken: 5, Repeated: 6}, r.Stats())
}

func TestOrderHoldsForCallsAtOnce(t *testing.T) {
	const messages = 40
	order := make(map[string]otp.ReceiptStatus)
	var mu sync.Mutex
	r := receiver(t, receiverConfig(), func(_ context.Context, r otp.Receipt) error {
		time.Sleep(time.Duration(rand.IntN(2)) * time.Millisecond)
		mu.Lock()
		defer mu.Unlock()
		assert.True(t, r.Status.After(order[r.ID]), "%s after %s", r.Status, order[r.ID])
		order[r.ID] = r.Status
		return nil
	})
	var wait sync.WaitGroup
	for i := range messages {
		for _, status := range []string{"delivered", "sent", "read", "accepted", "sent"} {
			wait.Go(func() { assert.Equal(t, 200, post(r, r.URL(), fmt.Sprintf("m%d %s x", i, status)).Code) })
		}
	}
	wait.Wait()
	assert.Len(t, order, messages)
	for _, status := range order {
		assert.Equal(t, otp.ReceiptRead, status)
	}
}

func TestMemoryOfMessagesIsBounded(t *testing.T) {
	got := new(taken)
	r := receiver(t, receiverConfig(), got.handle)
	for i := range 10_001 {
		post(r, r.URL(), fmt.Sprintf("m%d sent x", i))
	}
	for _, id := range []string{"m0", "m2", "m10000"} {
		post(r, r.URL(), id+" sent x")
	}
	assert.Len(t, got.list, 10_001+1, "the oldest alone is forgotten, and reported again")
}

// An ID is often a part of the body or of the URL.
func TestMemoryOfAMessageIsThatOfItsID(t *testing.T) {
	r, err := vendorkit.NewReceiver("acme", receiverConfig(), func(context.Context, otp.Receipt) error { return nil }, vendorkit.Hook{
		Header: "Authorization", Prefix: "Bearer ",
		Read: func(c vendorkit.HookCall) (otp.Receipt, error) {
			id, _, _ := strings.Cut(string(c.Body), " ")
			return otp.Receipt{ID: id}, nil
		},
	})
	require.NoError(t, err)
	heap := func() uint64 {
		var m runtime.MemStats
		runtime.GC()
		runtime.ReadMemStats(&m)
		return m.HeapAlloc
	}
	before, filling := heap(), strings.Repeat("x", 60_000)
	for i := range 1000 {
		post(r, r.URL(), fmt.Sprintf("m%d %s", i, filling))
	}
	assert.Less(t, heap(), before+5_000_000)
	assert.EqualValues(t, 1000, r.Stats().Taken)
}

func TestWithoutIDANumberIsOneMessageForAWhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := new(taken)
		r := receiver(t, receiverConfig(), got.handle)
		longID := strings.Repeat("m", 257)
		for _, wait := range []time.Duration{0, 9 * time.Minute, 2 * time.Minute} {
			time.Sleep(wait)
			post(r, r.URL(), longID+" delivered "+number)
		}
		assert.Equal(t, "delivered delivered", got.statuses())
	})
}

func TestAnswerComesInTimeWhateverTheCallbackDoes(t *testing.T) {
	for name, test := range map[string]struct {
		callback otp.ReceiptHandler
		status   int
		within   time.Duration
	}{
		"hangs": {func(ctx context.Context, _ otp.Receipt) error {
			time.Sleep(time.Hour)
			return nil
		}, 200, 500 * time.Millisecond},
		"obeys its context": {func(ctx context.Context, _ otp.Receipt) error {
			deadline, _ := ctx.Deadline()
			assert.Equal(t, 500*time.Millisecond, time.Until(deadline))
			<-ctx.Done()
			return ctx.Err()
		}, 200, 500 * time.Millisecond},
		"panics": {func(context.Context, otp.Receipt) error { panic(headerCanary) }, 200, 0},
		"exits":  {func(context.Context, otp.Receipt) error { runtime.Goexit(); return nil }, 200, 0},
		"fails":  {func(context.Context, otp.Receipt) error { return errors.New("down") }, 503, 0},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				r, start := receiver(t, receiverConfig(), test.callback), time.Now()
				status := post(r, r.URL("sms", "1"), "m1 delivered x").Code
				assert.Equal(t, test.within, time.Since(start))
				if name != "obeys its context" { // it ends at the very moment of the answer
					assert.Equal(t, test.status, status)
				}
				assert.Equal(t, 200, post(r, r.URL(), "m2 delivered x").Code, "this kind is not repeated")
				time.Sleep(2 * time.Hour) // the hanging ones end
			})
		})
	}
}

func TestWhatWasNotTakenComesAgain(t *testing.T) {
	got, fails := new(taken), true
	r := receiver(t, receiverConfig(), func(ctx context.Context, r otp.Receipt) error {
		if fails {
			return errors.New("down")
		}
		return got.handle(ctx, r)
	})
	assert.Equal(t, 503, post(r, r.URL("sms", "1"), "m1 delivered x").Code)
	fails = false
	assert.Equal(t, 200, post(r, r.URL("sms", "1"), "m1 delivered x").Code)
	assert.Equal(t, "delivered", got.statuses())
	assert.Equal(t, vendorkit.ReceiverStats{Taken: 1, Failed: 1}, r.Stats())
}

func TestNextStatusWaitsForTheCallback(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		got := new(taken)
		r := receiver(t, receiverConfig(), func(ctx context.Context, r otp.Receipt) error {
			if r.Status == otp.ReceiptSent {
				time.Sleep(time.Minute)
			}
			deadline, _ := ctx.Deadline()
			assert.Equal(t, r.Status == otp.ReceiptDelivered, time.Until(deadline) > 0, "it has half a second of its own")
			return got.handle(ctx, r)
		})
		start := time.Now()
		for _, status := range []string{"sent", "delivered", "sent", "undelivered"} {
			assert.Equal(t, 200, post(r, r.URL(), "m1 "+status+" x").Code)
		}
		assert.Equal(t, 4*500*time.Millisecond, time.Since(start))
		time.Sleep(2 * time.Minute)
		assert.Equal(t, "sent delivered", got.statuses())
		assert.Equal(t, vendorkit.ReceiverStats{Taken: 2, Repeated: 2}, r.Stats())
	})
}

func TestRepeatAfterAPanicIsHandedOver(t *testing.T) {
	got, first := new(taken), true
	r := receiver(t, receiverConfig(), func(ctx context.Context, r otp.Receipt) error {
		if first {
			first = false
			panic("first")
		}
		return got.handle(ctx, r)
	})
	for range 3 {
		assert.Equal(t, 200, post(r, r.URL(), "m1 sent x").Code)
	}
	assert.Equal(t, vendorkit.ReceiverStats{Taken: 1, Repeated: 1, Failed: 1}, r.Stats())
}

func TestTooManyCallbacksAreNotTaken(t *testing.T) {
	release := make(chan struct{})
	r := receiver(t, receiverConfig(), func(context.Context, otp.Receipt) error { <-release; return nil })
	var wait sync.WaitGroup
	for i := range 256 {
		wait.Go(func() { post(r, r.URL(), fmt.Sprintf("m%d sent x", i)) })
	}
	wait.Wait() // all are answered, and none has returned
	assert.Equal(t, 503, post(r, r.URL("sms", "1"), "last sent x").Code)
	assert.Equal(t, 200, post(r, r.URL(), "last sent x").Code)
	close(release)
	require.Eventually(t, func() bool { return r.Stats().Taken == 256 }, 10*time.Second, time.Millisecond)
	assert.EqualValues(t, 2, r.Stats().Failed)
	assert.Equal(t, 200, post(r, r.URL("sms", "1"), "last sent x").Code)
	assert.EqualValues(t, 257, r.Stats().Taken)
}

func TestEmptyAnswerIsEmpty(t *testing.T) {
	r := receiver(t, receiverConfig(), new(taken).handle)
	server := httptest.NewServer(r)
	defer server.Close()
	resp, err := http.Post(strings.Replace(r.URL("sms", "1"), "https://shop.example", server.URL, 1), "", strings.NewReader("m1 sent x"))
	require.NoError(t, err)
	resp.Body.Close()
	assert.Zero(t, resp.ContentLength)
	assert.NotContains(t, resp.Header, "Content-Type")
}

func TestSlowBodyIsCutOff(t *testing.T) {
	r := receiver(t, receiverConfig(), new(taken).handle)
	server := httptest.NewServer(r)
	defer server.Close()
	body := &dripping{}
	url := strings.Replace(r.URL("sms", "1"), "https://shop.example", server.URL, 1)
	start := time.Now()
	resp, err := http.Post(url, "text/plain", body)
	if err == nil {
		resp.Body.Close()
	}
	assert.Less(t, time.Since(start), 3*time.Second)
	assert.EqualValues(t, 1, r.Stats().Unreadable)
}

// dripping is a body that goes on, byte by byte, for longer than the test.
type dripping struct{ n int }

func (e *dripping) Read(p []byte) (int, error) {
	time.Sleep(50 * time.Millisecond)
	if e.n++; e.n > 200 {
		return 0, errors.New("too long")
	}
	p[0] = ' '
	return 1, nil
}

func TestBadReceiverConfigIsRefusedByField(t *testing.T) {
	long := strings.Repeat("x", 129)
	for name, test := range map[string]struct {
		change func(*vendorkit.ReceiverConfig)
		field  string
	}{
		"no URL":              {func(c *vendorkit.ReceiverConfig) { c.PublicURL = "" }, "public_url"},
		"plain http":          {func(c *vendorkit.ReceiverConfig) { c.PublicURL = "http://shop.example/x" }, "public_url"},
		"query":               {func(c *vendorkit.ReceiverConfig) { c.PublicURL += "?canary=1" }, "public_url"},
		"no secret":           {func(c *vendorkit.ReceiverConfig) { c.URLSecrets = nil }, "url_secrets"},
		"empty secret":        {func(c *vendorkit.ReceiverConfig) { c.URLSecrets = []string{""} }, "url_secrets"},
		"15 characters":       {func(c *vendorkit.ReceiverConfig) { c.URLSecrets = []string{"canary-canary-1"} }, "url_secrets"},
		"one of two bad":      {func(c *vendorkit.ReceiverConfig) { c.URLSecrets = []string{urlCanary, "short"} }, "url_secrets"},
		"slash":               {func(c *vendorkit.ReceiverConfig) { c.URLSecrets = []string{"canary/canary/canary"} }, "url_secrets"},
		"too long":            {func(c *vendorkit.ReceiverConfig) { c.URLSecrets = []string{long} }, "url_secrets"},
		"short header":        {func(c *vendorkit.ReceiverConfig) { c.HeaderSecrets = []string{"x-sms-webhook"} }, "header_secrets"},
		"space at an end":     {func(c *vendorkit.ReceiverConfig) { c.HeaderSecrets = []string{headerCanary + " "} }, "header_secrets"},
		"one secret for both": {func(c *vendorkit.ReceiverConfig) { c.HeaderSecrets = c.URLSecrets }, "header_secrets"},
		"bad name":            {func(c *vendorkit.ReceiverConfig) { c.Provider = "a b" }, "provider"},
	} {
		t.Run(name, func(t *testing.T) {
			cfg := receiverConfig()
			test.change(&cfg)
			_, err := vendorkit.NewReceiver("acme", cfg, new(taken).handle, hooks()...)
			var failure *otp.Error
			require.ErrorAs(t, err, &failure)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Equal(t, test.field, failure.Field)
			assert.NotContains(t, err.Error(), "canary")
		})
	}
	_, err := vendorkit.NewReceiver("acme", receiverConfig(), nil, hooks()...)
	require.ErrorContains(t, err, "handle")
	_, err = vendorkit.NewReceiver("acme", receiverConfig(), new(taken).handle, hooks()[1])
	require.ErrorContains(t, err, "header_secrets: must be empty")
}

func TestReceiverSecretsAreNeverShown(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var logged bytes.Buffer
		cfg := receiverConfig()
		cfg.Logger = slog.New(slog.NewJSONHandler(&logged, &slog.HandlerOptions{Level: slog.LevelDebug}))
		fail := errors.New("down")
		r := receiver(t, cfg, func(_ context.Context, r otp.Receipt) error {
			if r.ID == "bad" {
				return fail
			}
			return nil
		})
		for _, path := range []string{r.URL(), r.URL("sms", "1"), public + "/wrong-canary-0123456"} {
			for _, body := range []string{"m1 sent " + number, "bad sent " + number, "unreadable"} {
				post(r, path, body)
			}
		}
		synctest.Wait() // what became of a callback is logged after the answer
		cfg.Logger = nil
		object, err := json.Marshal(cfg)
		require.NoError(t, err)
		text, _ := cfg.MarshalText()
		stream, _ := cfg.GobEncode()
		shown := []string{string(object), string(text), string(stream), logged.String(), r.String()}
		for _, v := range []any{cfg, &cfg, r, *r} {
			shown = append(shown, fmt.Sprintf("%v %+v %#v %s", v, v, v, v))
		}
		for _, text := range shown {
			assert.NotContains(t, text, "canary")
			assert.NotContains(t, text, number)
		}
		for _, event := range []string{"receipt taken", "receipt not taken", "receipt refused", "receipt not understood"} {
			assert.Contains(t, logged.String(), event)
		}
	})
}

func TestLoggerThatPanicsChangesNothing(t *testing.T) {
	cfg := receiverConfig()
	cfg.Logger = slog.New(panickingLogger{})
	got := new(taken)
	r := receiver(t, cfg, got.handle)
	assert.Equal(t, 200, post(r, r.URL(), "m1 sent x").Code)
	assert.Equal(t, 404, post(r, public, "").Code)
	assert.Len(t, got.list, 1)
}

type panickingLogger struct{ slog.Handler }

func (panickingLogger) Enabled(context.Context, slog.Level) bool { panic("logger") }
