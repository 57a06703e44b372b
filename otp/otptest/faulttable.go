package otptest

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
)

type fault struct {
	name  string
	steps []step     // of the requests, one after the other; the last is for all that are left
	kinds []otp.Kind // that the error may have; none = any

	at         place         // nil = over plain HTTP
	second     bool          // it hits a second request on a connection that has served one already
	slow       bool          // it lasts until the deadline
	waits      bool          // it may last, and then not by working
	endless    bool          // it is far longer than an answer may be, and must not take much memory
	deadline   time.Duration // the caller's; 0 = enough
	retryAfter time.Duration // that the error has to have; 0 = any
}

type table struct {
	FaultHarness

	op      string
	success Answer
	echo    string // all that nobody may be shown, in several spellings
	refused string // the same, as the vendor words an error
	faults  []*fault
}

func (h FaultHarness) table(op string) *table {
	t := &table{FaultHarness: h, op: op, success: h.Sent, echo: h.echo(), refused: h.refusal(h.echo())}
	if op == "verify" {
		t.success = h.Verified
	}
	t.addUnreachable()
	t.addBrokenConnections()
	t.addBrokenAnswers()
	t.addRefusals()
	t.addStatuses()
	t.addSpoiltSuccesses()
	t.addOddSuccesses()
	t.bareSuccesses()
	t.addSequences()
	return t
}

// bareSuccesses: where the success is its status alone, every answer with that status is one.
func (t *table) bareSuccesses() {
	for _, f := range t.faults {
		for i, s := range f.steps {
			if t.success.Status == http.StatusNoContent && strings.HasPrefix(s.say, "HTTP/1.1 204 ") {
				f.steps[i] = s.proving(otp.OutcomeAccepted)
			}
		}
	}
}

// add adds a fault, and after it a success: a client that asks again may have texted twice.
func (t *table) add(name string, kind otp.Kind, steps ...step) *fault {
	f := &fault{name: name, steps: append(steps, t.succeeds(t.success.Body))}
	if kind != "" {
		f.kinds = []otp.Kind{kind}
	}
	t.faults = append(t.faults, f)
	return f
}

func (t *table) succeeds(body string, header ...string) step {
	return says(t.success.Status, body, header...).proving(otp.OutcomeAccepted)
}

// refuses answers with a status. Some say by themselves that nothing was sent. For a verification
// none does: under words that the vendor does not document, any may be a verdict on the code.
func (t *table) refuses(status int, body string, header ...string) step {
	proving := []int{307, 308, 400, 401, 402, 403, 404, 405, 407, 409, 410, 413, 422, 429}
	if !slices.Contains(proving, status) || t.op == "verify" {
		return says(status, body, header...)
	}
	if t.op == "send" && t.Request.Code == "" {
		body = strings.ReplaceAll(body, t.Code, "") // where nothing was sent there is no code to show
	}
	return says(status, body, header...).proving(otp.OutcomeNotSent)
}

func (t *table) addRefusals() {
	limited := func(header ...string) step { return t.refuses(429, "{}", header...) }
	add := func(name string, steps ...step) *fault {
		f := t.add("429"+name, otp.ErrRateLimited, steps...)
		f.waits = true
		return f
	}
	add(", then success", limited())
	add(" for ever", slices.Repeat([]step{limited()}, 20)...)
	add(", then 500", limited(), t.refuses(500, "{}")).kinds = nil
	for _, value := range []string{"1", "1.5", "3s", "-1", "soon", "99999999999999999999"} {
		add(" with Retry-After: "+value, limited("Retry-After: "+value))
	}
	now := time.Now()
	add(" with Retry-After as a Unix time", limited("Retry-After: "+strconv.FormatInt(now.Unix()+2, 10)))
	ahead := now.Add(time.Hour).UTC()
	add(" of a clock that is an hour ahead", limited("Date: "+ahead.Format(http.TimeFormat),
		"Retry-After: "+ahead.Add(time.Second).Format(http.TimeFormat)))
	add(" with Retry-After: 3600", limited("Retry-After: 3600")).retryAfter = time.Hour
	late := add(" with Retry-After: 5, 3 s left", limited("Retry-After: 5"))
	late.retryAfter, late.deadline = 5*time.Second, 3*time.Second
}

func (t *table) addStatuses() {
	kinds := map[int]otp.Kind{
		401: otp.ErrUnauthorized, 402: otp.ErrInsufficientFunds, 403: otp.ErrUnauthorized, 407: otp.ErrMisconfigured,
		408: otp.ErrUnavailable, 429: otp.ErrRateLimited, 500: otp.ErrUnavailable, 502: otp.ErrUnavailable,
		503: otp.ErrUnavailable, 504: otp.ErrUnavailable,
	}
	bodies := map[string]string{
		"a web page": "<html><h1>" + t.echo + "</h1></html>", "nothing": "", "an empty object": "{}",
		"own words, unlisted": t.refusal("the moon is in the way"), "own words, echoing": t.refused,
	}
	for _, status := range []int{400, 401, 402, 403, 404, 405, 407, 408, 409, 410, 413, 422, 429, 500, 502, 503, 504} {
		for _, name := range slices.Sorted(maps.Keys(bodies)) {
			f := t.add(fmt.Sprintf("%d: %s", status, name), kinds[status], t.refuses(status, bodies[name]))
			foreign := !strings.HasPrefix(name, "own") // what a gateway or a framework says is no verdict on a code
			if t.op == "verify" && foreign && slices.Contains([]int{404, 409, 410, 422}, status) {
				f.kinds = []otp.Kind{otp.ErrMisconfigured, otp.ErrUnavailable, otp.ErrProtocol}
			}
		}
	}
	for i, page := range []string{
		`{"message":"The route v1/verify could not be found."}`, `{"detail":"Not Found"}`, "404 page not found\n",
		`{"timestamp":"2026-01-01T00:00:00Z","status":404,"error":"Not Found","path":"/v1/verify"}`,
	} {
		t.add(fmt.Sprintf("404 of a framework: %d", i+1), otp.ErrMisconfigured, t.refuses(404, page))
	}
	for _, status := range []int{301, 302, 303, 307, 308} {
		secrets := "?" + url.QueryEscape(t.echo)
		t.add(strconv.Itoa(status), otp.ErrMisconfigured, t.refuses(status, t.refused, "Location: "+elsewhere+secrets))
		t.add(strconv.Itoa(status)+" with half a Location", otp.ErrMisconfigured,
			t.refuses(status, t.refused, "Location: http://[::1"+secrets))
	}
}

func (t *table) addSpoiltSuccesses() {
	right := t.success.Body
	for _, status := range []int{400, 401, 404, 422, 429, 500, 503} {
		t.add(fmt.Sprintf("a success under the wrong status: %d", status), "", says(status, right))
	}
	bodies := spoilt(right)
	maps.Copy(bodies, map[string]string{
		"in a web page": "<html>" + right + "</html>", "in a list": "[" + right + "]",
		"with more after it": right + right, "cut in half": half(right),
	})
	for _, body := range []string{"", "{}", "null", "true", "[]", `"success"`, "OK"} {
		bodies[fmt.Sprintf("of %q", body)] = body
	}
	// Where the reference is known it alone decides; a number may come back in another spelling.
	about := strings.ReplaceAll(right, t.Verification.To[1:], "14155550123")
	if id := t.Verification.ID; t.op == "verify" && id != "" && strings.Contains(right, id) {
		about = strings.ReplaceAll(right, id, wrong(id))
	}
	if about != right {
		bodies["about somebody else"] = about
	}
	for _, name := range slices.Sorted(maps.Keys(bodies)) {
		t.add("a spoilt success: "+name, "", says(t.success.Status, bodies[name]))
	}
	t.add("204", "", says(http.StatusNoContent, ""))
}

func (t *table) addOddSuccesses() {
	right := t.success.Body
	t.add("a success after a byte order mark", "", t.succeeds("\ufeff"+right))
	t.add("a success, compressed unasked", "", t.succeeds(packed(right), "Content-Encoding: gzip"))
	if members, ok := strings.CutPrefix(right, "{"); ok {
		t.add("a success beside errors: null", "", t.succeeds(`{"errors":null,`+members))
		t.add("a success beside errors: []", "", t.succeeds(`{"errors":[],`+members))
	}
	longer := step{then: silence, proves: otp.OutcomeAccepted}
	longer.say = head(t.success.Status, length(right)) + right + head(200) + t.echo
	t.add("a success longer than it says", "", longer).second = true
}

func (t *table) addBrokenAnswers() {
	ok, right := t.success.Status, t.success.Body
	cut := t.refuses(400, t.refused)
	cut.say = half(cut.say)
	t.add("400 cut off", "", cut)
	for name, errs := range map[string]string{ // the order counts for nothing: no sequence draws these
		"texts": "[" + repeated(`"x"`) + "]", "objects": "[" + repeated(`{"a":1}`) + "]",
		"a map": "{" + repeated(`"%d":0`) + "}",
	} {
		many := `{"message":` + strconv.Quote(t.echo) + `,"errors":` + errs + "}"
		refused := t.refuses(422, many).proving(otp.OutcomeNotSent)            // it may be taken to be about the request's form
		t.add("100,000 errors: "+name, "", refused).deadline = 3 * time.Second // a megabyte, on a busy machine
	}
	t.add("101, then silence", "", step{say: head(101, "Connection: Upgrade", "Upgrade: websocket"), then: silence})
	t.add("2xx cut off", otp.ErrProtocol, step{say: head(ok, length(right)) + half(right)})
	drip := again(" ", 100, 100*time.Millisecond)
	t.add("2xx, a byte at a time", otp.ErrUnavailable, step{say: head(ok, length(right)), then: drip}).slow = true
	spaces := again(strings.Repeat(" ", 64<<10), 1000, 0)
	t.add("2xx, endless", otp.ErrProtocol, step{say: head(ok), then: spaces}).endless = true
	bomb := again(strings.Repeat(packed(strings.Repeat(" ", 1<<20)), 64), 4, 0)
	t.add("2xx, a gzip bomb", otp.ErrProtocol, step{say: head(ok, "Content-Encoding: gzip"), then: bomb}).endless = true
}

func (t *table) addBrokenConnections() {
	add := func(name string, s step) *fault { return t.add(name, otp.ErrUnavailable, s) }
	echoing := "HTTP/1.1 200 OK\r\nX-Echo: " + t.echo
	add("closed after reading", step{})
	add("reset after reading", step{then: reset})
	add("reset before the body is read", step{then: reset, early: true})
	add("a reused connection, closed after reading", step{}).second = true
	add("a reused connection, reset after reading", step{then: reset}).second = true
	repeated := add("HTTP/2 that resets after the body", step{then: reset})
	repeated.at, repeated.deadline = overHTTP2, time.Second
	add("no answer", step{then: silence}).slow = true
	add("half a header, then silence", step{say: echoing, then: silence}).slow = true
	add("half a header, then closed", step{say: echoing})
	lines := again(strings.Repeat("X-Echo: "+t.echo+"\r\n", 100), 1000, 0)
	add("endless header", step{say: "HTTP/1.1 200 OK\r\n", then: lines}).endless = true
	add("garbage instead of HTTP", step{say: "\x1b[31m" + strings.ReplaceAll(t.echo, " ", "/") + "\r\n\r\n"})
	add("garbage instead of a header", step{say: "HTTP/1.1 200 OK\r\n" + t.echo + "\r\n\r\n"})
	add("a success instead of HTTP", step{say: t.success.Body + t.echo + "\r\n\r\n"})
	add("a length that is no number", step{say: head(t.success.Status, "Content-Length: "+t.echo) + t.success.Body})
}

func (t *table) addUnreachable() {
	add := func(name string, at place, steps ...step) *fault {
		f := t.add(name, otp.ErrUnavailable, steps...)
		f.at = at
		return f
	}
	add("refused", nowhere)
	add("refused, behind a foreign RoundTripper", nowhereByOtherWays)
	add("no such host", unknownHost)
	add("TLS hangs", deaf).slow = true
	add("TLS hung up", hangingUp)
	add("HTTP where TLS should be", withoutTLS)
	add("certificate of nobody", overTLS("127.0.0.1", false))
	add("certificate of a different host", overTLS("localhost", true))
	add("a proxy that says nothing", behind("http", deaf)).slow = true
	add("a SOCKS proxy that says nothing", behind("socks5", deaf)).slow = true
	tunnel := step{say: head(200), then: silence, early: true, proves: otp.OutcomeNotSent}
	wantsPassword := step{say: says(407, t.refused).say, early: true, proves: otp.OutcomeNotSent}
	add("a proxy that wants a password", behind("http", withoutTLS), wantsPassword).kinds = []otp.Kind{otp.ErrMisconfigured}
	add("a proxy, and then TLS hangs", behind("http", withoutTLS), slices.Repeat([]step{tunnel}, 20)...).slow = true
}

// addSequences adds three of the faults above, and then success. The seeds are fixed.
func (t *table) addSequences() {
	quick := slices.DeleteFunc(slices.Clone(t.faults), func(f *fault) bool {
		return f.slow || f.waits || f.second || f.endless || f.at != nil || f.deadline > 0
	})
	slices.SortFunc(quick, func(a, b *fault) int { return strings.Compare(a.name, b.name) })
	for seed := range uint64(20) {
		random := rand.New(rand.NewPCG(seed, seed))                          //nolint:gosec // no secret
		steps := slices.Repeat([]step{t.refuses(429, "{}")}, random.IntN(3)) // a client may try again after these
		for range 3 {
			steps = append(steps, quick[random.IntN(len(quick))].steps[0])
		}
		t.add(fmt.Sprintf("a sequence of faults: %d", seed+1), "", steps...)
	}
}

func half(s string) string { return s[:len(s)/2] }

func repeated(each string) string {
	var b strings.Builder
	for i := 0; i < 100_000 && b.Len() < 1_000_000; i++ {
		b.WriteString(strings.ReplaceAll(each, "%d", strconv.Itoa(i)) + ",")
	}
	return strings.TrimSuffix(b.String(), ",")
}

func packed(s string) string {
	var b bytes.Buffer
	w := gzip.NewWriter(&b)
	_, _ = w.Write([]byte(s)) // a buffer takes everything
	_ = w.Close()
	return b.String()
}

var (
	jsonName  = regexp.MustCompile(`"[^"]*":`)
	jsonValue = regexp.MustCompile(`:("[^"]*"|[0-9.]+|true|false)`)
)

// spoilt are bodies that have the members of a vendor's success in them and something that makes
// them none, by what it is. There are none where the success is not a JSON object.
func spoilt(success string) map[string]string {
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(success)) != nil || compact.Bytes()[0] != '{' {
		return map[string]string{}
	}
	right := compact.String()[1 : compact.Len()-1]
	wrong := strings.NewReplacer(`:true`, `:false`, `:false`, `:true`, `:0`, `:10`, `:"`, `:"not `).Replace(right)
	capitals := func(s string) string { return jsonName.ReplaceAllStringFunc(s, strings.ToUpper) }
	const failed = `"the moon is in the way"`
	return map[string]string{
		"beside an error, text":   `{"error":` + failed + "," + right + "}",
		"beside an error, object": `{"error":{"message":` + failed + "}," + right + "}",
		"beside an error, list":   "{" + right + `,"errors":[{"message":` + failed + "}]}",
		"beside an error, map":    "{" + right + `,"errors":{"to":[` + failed + "]}}",
		"in capitals":             "{" + capitals(right) + "}",
		"twice, the first right":  "{" + right + "," + wrong + "}",
		"twice, the second right": "{" + wrong + "," + right + "}",
		"twice, once in capitals": "{" + right + "," + capitals(wrong) + "}",
		"of nulls":                "{" + jsonValue.ReplaceAllString(right, ":null") + "}",
	}
}
