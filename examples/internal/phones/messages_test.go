package phones_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"runtime"
	"strconv"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestEveryVendorsCodeArrivesAndIsFollowed(t *testing.T) {
	for _, name := range []string{"insider", "kaleyra", "hypersender", "smsfactor"} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				d := start(t, phones.Options{})
				s := d.shop(name)
				m := s.sends(number)
				assert.Equal(t, name, m.Vendor)
				assert.Contains(t, m.Text, m.Code)
				assert.Len(t, m.Code, 6)
				assert.NotEmpty(t, m.Channel)
				assert.Equal(t, otpsim.Pending, m.State)
				assert.True(t, m.SentAt.Equal(time.Now()))
				assert.Equal(t, 5*time.Minute, m.ExpiresAt.Sub(m.SentAt))

				assert.Equal(t, 4, s.types(m, wrong(m.Code)).Code/100)
				assert.Equal(t, 1, d.messages("").Messages[0].Attempts)
				assert.Equal(t, 2, s.types(m, m.Code).Code/100)
				assert.Equal(t, otpsim.Verified, d.messages("").Messages[0].State)

				m = s.sends("+12025550199")
				for range m.MaxAttempts {
					s.types(m, wrong(m.Code))
				}
				want := otpsim.Pending
				if m.MaxAttempts > 0 { // Hypersender documents none
					want = otpsim.Locked
				}
				assert.Equal(t, want, d.messages("").Messages[0].State)

				s.sends("+12025550188")
				time.Sleep(5 * time.Minute)
				list := d.messages("").Messages
				assert.Equal(t, otpsim.Expired, list[0].State)
				assert.Equal(t, otpsim.Verified, list[2].State, "what was verified does not expire")
				assert.Equal(t, []int{3, 2, 1}, []int{list[0].ID, list[1].ID, list[2].ID}, "newest first")
			})
		})
	}
}

func TestListing(t *testing.T) {
	d := start(t, phones.Options{})
	s := d.shop("insider")
	for i := range 5 {
		s.sends("+9053212345" + strconv.Itoa(60+i%2))
	}
	assert.Len(t, d.messages("").Messages, 5)
	assert.Len(t, d.messages("?limit=2").Messages, 2)
	assert.Len(t, d.messages("?limit=0").Messages, 5)
	assert.Len(t, d.messages("?to=%2B905321234560").Messages, 3)
	assert.Len(t, d.messages("?to=+905321234560").Messages, 3, "a + that nobody escaped")
	assert.Len(t, d.messages("?to=905321234561").Messages, 2)
	assert.Len(t, d.messages("?find=234561").Messages, 2)
	assert.JSONEq(t, `[]`, string(raw(t, d, "/api/messages?to=+1", "messages")))
	assert.Equal(t, http.StatusBadRequest, d.do("GET", "/api/messages?limit=many", "").Code)
	assert.Equal(t, http.StatusBadRequest, d.do("GET", "/api/messages?limit=-1", "").Code)
}

func raw(t *testing.T, d desk, target, member string) json.RawMessage {
	t.Helper()
	var members map[string]json.RawMessage
	d.get(target, &members)
	return members[member]
}

func TestTheOldestAreDroppedAndItSaysSo(t *testing.T) {
	d := start(t, phones.Options{Limit: 3})
	insider, kaleyra := d.shop("insider"), d.shop("kaleyra")
	first := insider.sends("+12025550101")
	kaleyra.sends("+12025550102")
	insider.sends("+12025550103")
	assert.Zero(t, d.messages("").Dropped)
	kaleyra.sends("+12025550104")
	list := d.messages("")
	assert.Equal(t, 3, list.Kept)
	assert.Equal(t, 1, list.Dropped)
	assert.Equal(t, 3, list.Limit)
	assert.Equal(t, []int{4, 3, 2}, []int{list.Messages[0].ID, list.Messages[1].ID, list.Messages[2].ID}, "of all vendors together")

	insider.types(first, first.Code)
	news := d.events(list.LastEvent)
	assert.Equal(t, 3, d.messages("").Kept, "what becomes of a dropped message does not bring it back")
	_, ok := d.Code(first.To)
	assert.False(t, ok)
	d.Close()
	assert.Equal(t, []string{"exchange"}, kindsIn(news()), "and is no news: the request is")
}

// flood sends so many messages, 150 at once: Kaleyra takes several numbers in one request.
func (d desk) flood(messages int) {
	d.t.Helper()
	c := d.shop("kaleyra").send
	template := c.body
	for sent := 0; sent < messages; {
		var numbers []string
		for ; sent < messages && len(numbers) < 150; sent++ {
			numbers = append(numbers, fmt.Sprintf("+90532%07d", sent))
		}
		c.body = strings.Replace(template, number, strings.Join(numbers, ","), 1)
		require.Equal(d.t, http.StatusOK, d.run(c).Code)
	}
}

func TestTenThousandMessages(t *testing.T) {
	d := start(t, phones.Options{})
	const over = 50
	d.flood(phones.DefaultLimit + over)
	began := time.Now()
	page := d.messages("?limit=200") // as the page asks
	took := time.Since(began)
	all := d.do("GET", "/api/messages?limit=0", "")

	assert.Equal(t, phones.DefaultLimit, page.Kept)
	assert.Equal(t, over, page.Dropped)
	assert.Len(t, page.Messages, 200)
	assert.Equal(t, phones.DefaultLimit, strings.Count(all.Body.String(), `"reference"`))
	assert.Less(t, took, time.Second)

	var memory runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&memory)
	assert.Less(t, memory.HeapAlloc, uint64(100<<20))
	t.Logf("listed in %v, %d MiB of heap", took, memory.HeapAlloc>>20)
}

func TestWaitingForACode(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		s := d.shop("smsfactor")
		next := func(query string) phones.Message {
			var m phones.Message
			d.get("/api/codes/next?to="+number+query, &m)
			return m
		}
		go func() {
			time.Sleep(10 * time.Second)
			s.run(s.sendTo("+33611223344")) // somebody else's
			time.Sleep(10 * time.Second)
			s.run(s.send)
		}()
		began := time.Now()
		first := next("")
		assert.Equal(t, 20*time.Second, time.Since(began))
		assert.NotEmpty(t, first.Code)
		assert.Equal(t, first, next(""), "the newest that there is")

		second := s.sends(number)
		third := s.sends(number)
		assert.Equal(t, second, next("&after="+strconv.Itoa(first.ID)), "one after the other")
		assert.Equal(t, third, next("&after="+strconv.Itoa(second.ID)))
		assert.Equal(t, third, next(""))

		began = time.Now()
		w := d.do("GET", "/api/codes/next?to="+number+"&after="+strconv.Itoa(third.ID)+"&timeout=7s", "")
		assert.Equal(t, http.StatusNotFound, w.Code)
		assert.JSONEq(t, `{"error":"no code came for this number within 7s"}`, w.Body.String())
		assert.Equal(t, 7*time.Second, time.Since(began))

		go func() {
			time.Sleep(time.Second)
			d.Close()
		}()
		began = time.Now()
		assert.Equal(t, http.StatusNotFound, d.do("GET", "/api/codes/next?to=+1", "").Code)
		assert.Equal(t, time.Second, time.Since(began), "Close ends the wait")
	})
}

func TestWaitingRefuses(t *testing.T) {
	d := start(t, phones.Options{})
	for query, want := range map[string]string{
		"":                    "to: the number is missing",
		"?to=+1&after=x":      "after: must be a whole number, 0 or more",
		"?to=+1&timeout=soon": "timeout: must be a duration up to 5m0s, such as 30s",
		"?to=+1&timeout=6m":   "timeout: must be a duration up to 5m0s, such as 30s",
		"?to=+1&timeout=0s":   "timeout: must be a duration up to 5m0s, such as 30s",
	} {
		w := d.do("GET", "/api/codes/next"+query, "")
		assert.Equal(t, http.StatusBadRequest, w.Code)
		assert.JSONEq(t, `{"error":"`+want+`"}`, w.Body.String(), query)
	}
}

func TestResetForgetsEverythingButTheCredentials(t *testing.T) {
	d := start(t, phones.Options{Limit: 1})
	s := d.shop("insider")
	s.sends("+12025550101")
	m := s.sends(number)
	d.post("/api/faults", `{"vendor":"kaleyra","fault":"cut"}`, nil)
	d.post("/api/reset", `{}`, nil)

	list := d.messages("")
	assert.Empty(t, list.Messages)
	assert.Zero(t, list.Dropped)
	assert.Empty(t, d.traffic())
	assert.JSONEq(t, `[]`, string(raw(t, d, "/api/faults", "faults")))
	assert.Equal(t, http.StatusNotFound, s.types(m, m.Code).Code, "the code is forgotten, too")
	assert.Greater(t, s.sends(number).ID, m.ID, "no number is used twice")

	d.Close()
	require.Error(t, d.Reset())
	assert.Equal(t, http.StatusServiceUnavailable, s.run(s.send).Code)
	d.Close()
}

func TestManyAtOnce(t *testing.T) {
	d := start(t, phones.Options{Limit: 20})
	var group sync.WaitGroup
	for _, s := range d.shops() {
		group.Go(func() {
			for i := range 20 {
				s.run(s.sendTo(fmt.Sprintf("+1202555%04d", i)))
			}
		})
	}
	group.Go(func() {
		for range 10 {
			assert.NoError(t, d.Reset())
		}
	})
	group.Go(func() {
		for range 20 {
			assert.LessOrEqual(t, d.messages("").Kept, 20)
			d.traffic()
		}
	})
	group.Wait()
}

func TestNewRefuses(t *testing.T) {
	for want, opts := range map[string]phones.Options{
		"phones: Limit: must be from 1 to 1,000,000, or 0 for 10,000":                           {Limit: -1},
		"phones: AllowHosts[0]: must be a host's name or IPv4 address, without scheme and port": {AllowHosts: []string{""}},
		"phones: AllowHosts[1]: must be a host's name or IPv4 address, without scheme and port": {AllowHosts: []string{"a", "a:80"}},
		"phones: AllowHosts[2]: must be a host's name or IPv4 address, without scheme and port": {AllowHosts: []string{"a", "b", "*"}},
	} {
		_, err := phones.New(opts)
		require.EqualError(t, err, want)
	}
}
