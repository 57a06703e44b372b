package kaleyratest_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestWrongKey(t *testing.T) {
	a := start(t)
	for _, key := range []string{"", "wrong", a.APIKey + "x", strings.ToLower(a.APIKey)} {
		for _, path := range []string{a.generatePath(), a.validatePath()} {
			resp, got := a.send("POST", path, "not even JSON", "api-key", key)
			assert.Equal(t, 401, resp.StatusCode, path)
			assert.Equal(t, rbc001, got, path)
		}
	}
	resp, _ := a.send("POST", a.generatePath(), sendBody, "api-key", "", "Authorization", "Bearer "+a.APIKey)
	assert.Equal(t, 401, resp.StatusCode, "the key has one header")
	assert.Empty(t, a.Inbox.All())
}

func TestWrongSID(t *testing.T) {
	a := start(t)
	for _, sid := range []string{"HXXXXXXX071US", strings.ToLower(a.SID), a.SID + "X", a.APIKey, "%20" + a.SID} {
		a.expect("/v1/"+sid+"/verify", "not even JSON", 401, rbc001)
		a.expect("/v1/"+sid+"/verify/validate", "not even JSON", 401, rbc001)
	}
}

func TestSIDAndKeyBelongTogether(t *testing.T) {
	a, b := start(t), start(t)
	a.expect(b.generatePath(), sendBody, 401, rbc001)
	resp, got := a.send("POST", a.generatePath(), sendBody, "api-key", b.APIKey)
	assert.Equal(t, 401, resp.StatusCode)
	assert.Equal(t, rbc001, got)
}

func TestCredentialsOfOnesOwn(t *testing.T) {
	a := start(t, kaleyratest.WithSID("HXXXXXXX071US"), kaleyratest.WithAPIKey("Ac4XXXXX21f"))
	assert.Equal(t, "HXXXXXXX071US", a.SID)
	assert.Equal(t, "Ac4XXXXX21f", a.APIKey)
	resp, got := a.send("POST", "/v1/HXXXXXXX071US/verify", sendBody, "API-Key", "Ac4XXXXX21f")
	assert.Equal(t, 200, resp.StatusCode, got)
}

func TestCredentialsAreRandom(t *testing.T) {
	a, b := start(t), start(t, kaleyratest.WithAPIKey(""), kaleyratest.WithSID(""))
	for _, srv := range []*account{a, b} {
		assert.Regexp(t, `^HX[0-9A-Z]{8}[0-9]{3}IN$`, srv.SID)
		assert.NotEmpty(t, srv.APIKey)
		assert.Regexp(t, uuidV4, srv.FlowID)
		assert.Regexp(t, `^http://127\.0\.0\.1:[0-9]+$`, srv.URL)
	}
	assert.NotEqual(t, a.SID, b.SID)
	assert.NotEqual(t, a.APIKey, b.APIKey)
	assert.NotEqual(t, a.FlowID, b.FlowID)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	a := start(t)
	for _, path := range []string{
		"/", "/v1", "/verify", "/v1/verify", "/v1//verify", "/v2/" + a.SID + "/verify", "/v1/" + a.SID,
		a.generatePath() + "/", a.validatePath() + "/", a.generatePath() + "/otp", a.generatePath() + "/resend",
	} {
		a.expect(path, sendBody, 404, `{"message":"not found"}`)
	}
	for _, path := range []string{a.generatePath(), a.validatePath()} {
		for _, method := range []string{"GET", "PUT", "DELETE"} {
			resp, got := a.send(method, path, "")
			assert.Equal(t, 405, resp.StatusCode, path)
			assert.Equal(t, `{"message":"method not allowed"}`, got, path)
			assert.Equal(t, "POST", resp.Header.Get("Allow"), path)
		}
	}
}

func TestConcurrentVerifications(t *testing.T) {
	a := start(t)
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			to := fmt.Sprintf("+1202555%04d", i)
			post(a, a.generatePath(), `{"to":{"mobile":"`+to+`"}}`)
			m, ok := a.Inbox.Last(to)
			assert.True(t, ok)
			assert.Contains(t, post(a, a.validatePath(), validateBody(m.ID, wrong(m.Code))), "E912")
			assert.Equal(t, verifiedBody(m.ID), post(a, a.validatePath(), validateBody(m.ID, m.Code)))
		})
	}
	wg.Wait()
	ids := map[string]bool{}
	for _, m := range a.Inbox.All() {
		ids[m.ID] = true
	}
	assert.Len(t, ids, 100)
	assert.Len(t, a.Requests(), 300)
}

func TestConcurrentValidationsSucceedOnce(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { post(a, a.validatePath(), validateBody(id, code)) })
	}
	wg.Wait()
	assert.Equal(t, 1, acceptedValidations(a))
}

func TestConcurrentWrongCodesAreCounted(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{Default: true, MaxAttempts: 10}))
	id, code := a.generate(sendBody)
	var mu sync.Mutex
	answers := map[string]int{}
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() {
			answer := post(a, a.validatePath(), validateBody(id, wrong(code)))
			mu.Lock()
			defer mu.Unlock()
			answers[answer]++
		})
	}
	wg.Wait()
	assert.Equal(t, map[string]int{e912: 10, e911: 90}, answers)
}

func acceptedValidations(a *account) int {
	n := 0
	for _, r := range a.Requests() {
		if r.Operation == "validate" && r.Accepted {
			n++
		}
	}
	return n
}

// post is for goroutines, which must not end a test.
func post(a *account, path, body string) string {
	req, err := http.NewRequestWithContext(a.t.Context(), "POST", a.URL+path, strings.NewReader(body))
	if !assert.NoError(a.t, err) {
		return ""
	}
	req.Header.Set("api-key", a.APIKey)
	resp, err := a.client.Do(req)
	if !assert.NoError(a.t, err) {
		return ""
	}
	defer func() { _ = resp.Body.Close() }()
	answer, err := io.ReadAll(resp.Body)
	assert.NoError(a.t, err)
	return string(answer)
}

func TestOptionsThatCannotWork(t *testing.T) {
	const figures = "kaleyratest: WithFlow: Length, Lifetime and MaxAttempts must not be negative"
	const clash = "kaleyratest: WithFlow: another flow has the same ID, or is the default, too"
	one := withFlow(kaleyratest.Flow{ID: "a", Default: true})
	for _, tt := range []struct {
		want string
		opts []kaleyratest.Option
	}{
		{"kaleyratest: a key must be printable ASCII, without a space at either end", []kaleyratest.Option{kaleyratest.WithAPIKey("key\n")}},
		{"kaleyratest: WithSID: must have letters and digits only", []kaleyratest.Option{kaleyratest.WithSID("../HX")}},
		{"kaleyratest: WithFlow: Channels: each must be sms, voice or email", []kaleyratest.Option{withFlow(kaleyratest.Flow{Channels: []string{"SMS"}})}},
		{figures, []kaleyratest.Option{withFlow(kaleyratest.Flow{Length: -1})}},
		{figures, []kaleyratest.Option{withFlow(kaleyratest.Flow{Lifetime: -1})}},
		{figures, []kaleyratest.Option{withFlow(kaleyratest.Flow{MaxAttempts: -1})}},
		{clash, []kaleyratest.Option{one, withFlow(kaleyratest.Flow{ID: "a"})}},
		{clash, []kaleyratest.Option{one, withFlow(kaleyratest.Flow{Default: true})}},
	} {
		assert.PanicsWithValue(t, tt.want, func() { kaleyratest.NewServer(tt.opts...) })
	}
}

func TestFaultsWithBodiesOfTheVendor(t *testing.T) {
	for want, fault := range map[string]otpsim.Fault{
		"401 " + rbc001:                       otpsim.Status(401),
		`429 {"message":"too many requests"}`: otpsim.TooMany(0),
		"400 " + e805:                         kaleyratest.Error(400, "E805"),
		"400 " + e914:                         kaleyratest.Error(400, "E914"),
		"402 " + e110:                         kaleyratest.Error(402, "E110"),
		`500 {"error":{"code":"E999","type":"validation_error","parameter":"","message":"Request could not be processed","reference":""}}`: kaleyratest.Error(500, "E999"),
	} {
		a := start(t)
		a.Fail(fault)
		resp, got := a.send("POST", a.generatePath(), sendBody)
		assert.Equal(t, want, strconv.Itoa(resp.StatusCode)+" "+got)
		assert.Empty(t, a.Inbox.All())
	}
}

func TestFaultForOneNumber(t *testing.T) {
	a := start(t)
	id, code := a.generate(sendBody)
	other, _ := a.generate(`{"to":{"mobile":"+12025550124"}}`)
	otherCode, _ := a.Code("+12025550124")
	a.Fail(otpsim.AfterAccepting(503).To("+12025550124").Always())
	a.validated(id, code, 200, verifiedBody(id))
	a.validated(other, otherCode, 503, `{"message":"service unavailable"}`)
	a.expect(a.generatePath(), `{"to":{"mobile":"12025550124"}}`, 503, `{"message":"service unavailable"}`)
	assert.Len(t, a.Inbox.Of("+12025550124"), 2)
	a.generate(sendBody)
	a.Heal()
	a.validated(other, otherCode, 400, e910) // it was right, and is used up
}
