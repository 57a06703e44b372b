package phones_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

const neighbour = "+12025550199" // of another tester

func (d desk) state(to string) otpsim.State {
	d.t.Helper()
	list := d.messages("?to=" + to).Messages
	require.NotEmpty(d.t, list, to)
	return list[0].State
}

// refused makes a call that has to be refused, and returns why.
func (d desk) refused(target, body string) string {
	d.t.Helper()
	w := d.do("POST", target, body, "Content-Type: application/json")
	require.Equal(d.t, http.StatusBadRequest, w.Code, body)
	var answer map[string]string
	require.NoError(d.t, json.Unmarshal(w.Body.Bytes(), &answer))
	return answer["error"]
}

func TestClockOfOneNumber(t *testing.T) {
	d := start(t, phones.Options{Limit: 5})
	for _, s := range d.shops() {
		mine, other := s.sends(number), s.sends(neighbour)
		d.post("/api/clock", `{"advance":"5m","to":"`+number[1:]+`"}`, nil)
		assert.Equal(t, otpsim.Expired, d.state(number))
		assert.Equal(t, 4, s.types(mine, mine.Code).Code/100, "%s: the code has expired", s.name)
		assert.Equal(t, 2, s.types(other, other.Code).Code/100, "%s: nobody else's has", s.name)
		fresh := s.sends(number)
		assert.Equal(t, 2, s.types(fresh, fresh.Code).Code/100, "%s: the next code has its whole time", s.name)
	}
	assert.Equal(t, 5, d.messages("").Kept, "news of a message that was dropped does not bring it back")
}

func TestClockStopsAndRuns(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		d := start(t, phones.Options{})
		var clock struct {
			Now time.Time `json:"now"`
		}
		d.post("/api/clock", `{"set":"2030-01-31T12:00:00Z"}`, &clock)
		assert.Equal(t, "2030-01-31 12:00:00 +0000 UTC", clock.Now.String())
		time.Sleep(time.Minute)
		assert.True(t, d.shop("insider").sends(number).SentAt.Equal(clock.Now))
		d.post("/api/clock", `{"set":"now"}`, nil)
		d.get("/api/clock", &clock)
		assert.True(t, clock.Now.Equal(time.Now()))
	})
}

func TestClockRefusals(t *testing.T) {
	d := start(t, phones.Options{})
	const advance = "advance: must be a duration from 0s to 8760h, such as 5m"
	for body, want := range map[string]string{
		`{}`:                             advance,
		`{"advance":"-1s"}`:              advance,
		`{"advance":"8761h"}`:            advance,
		`{"advance":"1m","to":"me"}`:     `to: must be a phone number, such as +12025550123, or "" for every number`,
		`{"set":"soon"}`:                 `set: must be a time such as 2026-01-31T12:00:00Z, or "now"`,
		`{"set":"0001-01-01T00:00:00Z"}`: `set: must be a time such as 2026-01-31T12:00:00Z, or "now"`,
		`{"set":"now","advance":"1m"}`:   "set: goes with neither advance nor to",
		`{"set":"now","to":"+1"}`:        "set: goes with neither advance nor to",
		`null`:                           "the body must be one JSON object",
	} {
		assert.Equal(t, want, d.refused("/api/clock", body), body)
	}
}

func TestFaultsOfNumbersStayApart(t *testing.T) {
	d := start(t, phones.Options{})
	s := d.shop("insider")
	fault := func(to, fault string) string {
		return `{"vendor":"insider","fault":"` + fault + `","to":"` + to + `"}`
	}
	for range 100 {
		d.post("/api/faults", fault(neighbour, "429"), nil)
	}
	assert.Equal(t, "fault: insider has 100 of them waiting already", d.refused("/api/faults", fault(neighbour, "429")))
	var left struct {
		Faults []phones.PendingFault `json:"faults"`
	}
	d.post("/api/faults", fault(number, "429"), &left)
	assert.Equal(t, []phones.PendingFault{{Vendor: "insider", Text: "reply 429, to " + number}}, left.Faults, "not the neighbour's")
	d.post("/api/faults", fault(number, "none"), &left)
	assert.Empty(t, left.Faults)
	s.sends(number)
	d.get("/api/faults?to="+neighbour, &left)
	assert.Len(t, left.Faults, 100)
}

func TestResetOfOneNumber(t *testing.T) {
	d := start(t, phones.Options{})
	for _, s := range d.shops() {
		mine, other := s.sends(number), s.sends(neighbour)
		for _, to := range []string{number, neighbour} {
			d.post("/api/faults", `{"vendor":"`+s.name+`","fault":"cut","to":"`+to+`"}`, nil)
			d.post("/api/quirks", `{"vendor":"`+s.name+`","quirks":["RequireJSON"],"to":"`+to+`"}`, nil)
		}
		d.post("/api/reset", `{"to":"`+number[1:]+`"}`, nil)

		assert.Empty(t, d.messages("?to="+number).Messages)
		for _, list := range []string{"faults?to=" + number, "traffic?to=" + number} {
			name, _, _ := strings.Cut(list, "?")
			if name == "traffic" {
				name = "exchanges"
			}
			assert.JSONEq(t, `[]`, string(raw(t, d, "/api/"+list, name)), list)
		}
		assert.NotContains(t, string(raw(t, d, "/api/quirks", "quirks")), number)
		assert.Contains(t, string(raw(t, d, "/api/quirks", "quirks")), neighbour)
		assert.NotEqual(t, 2, s.types(mine, mine.Code).Code/100, "%s: the code is gone", s.name)

		assert.Len(t, d.messages("?to="+neighbour).Messages, 1)
		assert.NotEmpty(t, string(raw(t, d, "/api/faults?to="+neighbour, "faults")))
		d.post("/api/faults", `{"vendor":"`+s.name+`","fault":"none","to":"`+neighbour+`"}`, nil)
		assert.Equal(t, 2, s.types(other, other.Code).Code/100, "%s: nobody else's is", s.name)
		d.post("/api/reset", `{}`, nil)
		assert.JSONEq(t, `[]`, string(raw(t, d, "/api/quirks", "quirks")))
	}
	assert.Contains(t, d.refused("/api/reset", `{"to":"x"}`), "to: must be a phone number")
}

func TestQuirksOfOneNumberOrAll(t *testing.T) {
	d := start(t, phones.Options{})
	s := d.shop("smsfactor")
	m, other := s.sends(number), s.sends(neighbour)
	post := func(to, quirks string) {
		d.post("/api/quirks", `{"vendor":"smsfactor","to":"`+to+`","quirks":[`+quirks+`]}`, nil)
	}
	post(number, `"ErrorsAre200","StringCode"`)
	w := s.types(m, wrong(m.Code))
	assert.Equal(t, 200, w.Code, "a code that was sent before is still known")
	assert.Contains(t, w.Body.String(), `"code":"199"`)
	assert.Equal(t, 400, s.types(other, wrong(other.Code)).Code)
	assert.Equal(t, 1, d.messages("?to=" + number).Messages[0].Attempts)

	post("", `"ErrorsAre200"`)
	assert.Contains(t, s.types(m, wrong(m.Code)).Body.String(), `"code":"199"`, "those of a number come first")
	assert.Contains(t, s.types(other, wrong(other.Code)).Body.String(), `"code":199`)
	assert.JSONEq(t, `[{"vendor":"smsfactor","to":"","quirks":["ErrorsAre200"]},
		{"vendor":"smsfactor","to":"`+number+`","quirks":["ErrorsAre200","StringCode"]}]`, string(raw(t, d, "/api/quirks", "quirks")))
	post(number, "")
	post("", "")
	assert.Equal(t, 2, s.types(m, m.Code).Code/100)
	assert.JSONEq(t, `[]`, string(raw(t, d, "/api/quirks", "quirks")))

	for body, want := range map[string]string{
		`{"vendor":"acme","quirks":[]}`:                           "vendor: must be one of insider",
		`{"vendor":"insider","quirks":["Strict"]}`:                "quirks: must be of CamelCaseWhatsApp, LastAttemptExceeds",
		`{"vendor":"insider","to":"x","quirks":["RequireJSON"]}`:  "to: must be a phone number",
		`{"vendor":"insider","quirks":"RequireJSON"}`:             "quirks: must be a list, not string",
		`{"vendor":"insider","quirks":["RequireJSON"],"more":[]}`: "more: there is no such field",
	} {
		assert.Contains(t, d.refused("/api/quirks", body), want)
	}
}

func TestEveryQuirkCanBeSet(t *testing.T) {
	d := start(t, phones.Options{})
	for _, config := range d.configs() {
		require.NotEmpty(t, config.Quirks)
		for _, quirk := range config.Quirks {
			d.post("/api/quirks", `{"vendor":"`+config.Name+`","quirks":["`+quirk+`"]}`, nil)
		}
	}
}

func TestLimits(t *testing.T) {
	d := start(t, phones.Options{})
	s := d.shop("hypersender")
	d.post("/api/limits", `{"vendor":"hypersender","on":"send","events":2,"per":"1m"}`, nil)
	s.sends(number)
	m := s.sends(number)
	w := s.run(s.send)
	assert.Equal(t, 429, w.Code)
	assert.Equal(t, "60", w.Header().Get("Retry-After"))
	assert.Equal(t, 2, s.types(m, m.Code).Code/100)
	d.post("/api/limits", `{"vendor":"hypersender","on":"send"}`, nil)
	s.sends(number)

	for body, want := range map[string]string{
		`{"on":"send"}`: "vendor: must be one of insider, kaleyra, hypersender, smsfactor",
		`{"vendor":"insider","events":1,"per":"1m"}`:                 `on: must be "send" or "verify"`,
		`{"vendor":"insider","on":"send","events":-1}`:               "events: must be from 1 to 100,000, or 0 for no limit",
		`{"vendor":"insider","on":"send","events":1}`:                "per: must be a duration up to 8760h, such as 1m",
		`{"vendor":"insider","on":"send","events":1,"per":"minute"}`: "per: must be a duration up to 8760h, such as 1m",
	} {
		assert.Equal(t, want, d.refused("/api/limits", body))
	}
}

// The faults that people meet are what a client takes them for, at every vendor that knows them.
func TestFaultsThatPeopleMeet(t *testing.T) {
	d := start(t, phones.Options{})
	url, _ := d.serve()
	var list struct {
		Vendors []phones.VendorConfig `json:"vendors"`
	}
	d.decode(d.do("GET", "/api/config", "", "Host: "+strings.TrimPrefix(url, "http://")), &list)
	met := make(map[string]int)
	for _, config := range list.Vendors {
		provider := fromYAML(t, config.YAML)
		for _, fault := range config.Faults {
			kind := map[string]otp.Kind{
				"unauthorized": otp.ErrUnauthorized, "insufficient-funds": otp.ErrInsufficientFunds,
				"invalid-recipient": otp.ErrInvalidRecipient, "not-on-whatsapp": otp.ErrUnreachable,
				"country-not-served": otp.ErrUnreachable,
			}[fault]
			if kind == "" {
				continue
			}
			met[fault]++
			d.post("/api/faults", fmt.Sprintf(`{"vendor":%q,"fault":%q,"to":%q,"on":"send"}`, config.Name, fault, number), nil)
			_, err := provider.Send(t.Context(), otp.SendRequest{To: neighbour})
			require.NoError(t, err, "%s of another number at %s", fault, config.Name)
			_, err = provider.Send(t.Context(), otp.SendRequest{To: number})
			require.ErrorIs(t, err, kind, "%s at %s", fault, config.Name)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err), "%s at %s", fault, config.Name)
		}
	}
	assert.Equal(t, map[string]int{
		"unauthorized": 4, "insufficient-funds": 4, "invalid-recipient": 4, "not-on-whatsapp": 1, "country-not-served": 1,
	}, met)
}

// A request whose body never ends loses its connection, whatever it asks for.
func TestBodiesThatNeverEnd(t *testing.T) {
	d := start(t, phones.Options{})
	d.SetWithin(50 * time.Millisecond)
	url, _ := d.serve()
	closed := make(chan error)
	targets := []string{"GET /", "POST /", "POST /api/reset", "POST /api/messages", "GET /api/nothing", "GET /api/messages"}
	for _, target := range targets {
		go func() {
			conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
			if err != nil {
				closed <- err
				return
			}
			defer func() { _ = conn.Close() }()
			fmt.Fprintf(conn, "%s HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nContent-Length: 1000\r\n\r\n{", target)
			_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
			buffer := make([]byte, 1<<16)
			for err == nil {
				_, err = conn.Read(buffer)
			}
			if timeout := net.Error(nil); errors.As(err, &timeout) && timeout.Timeout() {
				closed <- errors.New(target + " keeps its connection")
				return
			}
			closed <- nil
		}()
	}
	for range targets {
		assert.NoError(t, <-closed)
	}
}

// What the answers look like is checked in examples/browsertest, which has a validator.
func TestDescriptionHasEveryCall(t *testing.T) {
	d := start(t, phones.Options{})
	var description struct {
		Paths map[string]map[string]any `json:"paths"`
	}
	d.get("/api/openapi.json", &description)
	var described []string
	for path, calls := range description.Paths {
		for method := range calls {
			described = append(described, strings.ToUpper(method)+" "+path)
		}
	}
	assert.ElementsMatch(t, d.Calls(), described)
}

func TestEveryAnswerOfTheAPIIsJSON(t *testing.T) {
	d := start(t, phones.Options{})
	for _, target := range []string{"/api", "/api/", "/api//messages", "/api/../api/messages", "/api/no", "/api/messages/", "/api/codes/next"} {
		for _, method := range []string{"GET", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"} {
			w := d.do(method, target, "")
			assert.GreaterOrEqual(t, w.Code, 400, "%s %s", method, target)
			assert.Equal(t, "application/json", w.Header().Get("Content-Type"), "%s %s", method, target)
			assert.Contains(t, w.Body.String(), `{"error":"`, "%s %s", method, target)
		}
	}
}

// timed remembers the deadlines that were set.
type timed struct {
	*httptest.ResponseRecorder
	deadlines []time.Time
}

func (w *timed) SetWriteDeadline(at time.Time) error {
	w.deadlines = append(w.deadlines, at)
	return nil
}

// A connection that is kept alive brings no deadline along from its last request.
func TestDeadlinesStartAnew(t *testing.T) {
	d := start(t, phones.Options{})
	for _, target := range []string{"/api/health", "/insider/v1/check"} {
		w := &timed{ResponseRecorder: httptest.NewRecorder()}
		r := httptest.NewRequestWithContext(t.Context(), "GET", target, nil)
		r.Host = local
		d.ServeHTTP(w, r)
		require.NotEmpty(t, w.deadlines, target)
		assert.Zero(t, w.deadlines[0], target)
	}
}
