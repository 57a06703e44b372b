package otphttp_test

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otphttp"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

func TestFromANumberToASession(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		p := otptest.NewProvider()
		b := open(t, handlerOf(t, guarded(t, p), config()))
		b.json = asJSON
		b.get()
		b.sees(200, "number")
		b.send("+1 (202) 555-0123")
		b.sees(200, "code", somebody, "We have sent you a code.", "Send again")
		b.get()
		b.sees(200, "code", somebody)
		code := codeOf(t, p, somebody)
		b.verify(mistyped(code))
		b.sees(400, "That is not the code. Attempts left: ")
		b.verify(" " + code[:3] + " " + code[3:])
		b.sees(200)
		assert.Equal(t, somebody, b.signedIn())
		assert.Empty(t, b.cookie, "the cookie has served")
	}
}

func TestTheViewAsJSON(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, p, config()))
	b.json = true
	b.send(somebody)
	assert.Equal(t, "application/json", b.Header().Get("Content-Type"))
	for name, want := range map[string]any{
		"step": "code", "number": somebody, "can_type": true, "resend": "Send again", "resend_in": 30.0, "language": "en",
	} {
		assert.Equal(t, want, b.member(name), name)
	}
	b.verify("000")
	assert.Equal(t, "application/problem+json", b.Header().Get("Content-Type"))
	assert.Equal(t, "wrong_code", b.member("kind"))
}

// Without a page there is JSON only, for forms as well.
func TestWithoutAPage(t *testing.T) {
	cfg := config()
	cfg.Page = nil
	b := open(t, handlerOf(t, otptest.NewProvider(), cfg))
	assert.Equal(t, "number", b.member("step"))
	b.send("12")
	b.sees(400)
	assert.Equal(t, "invalid_recipient", b.member("kind"))
	b.send(somebody)
	assert.Equal(t, "code", b.member("step"))
}

func TestNumbersThatAreNone(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, p, config()))
	for _, number := range []string{"", "202 555 0123", "+1202555012a", "+12025550123,+12025550124", "+0", "++12025550123", strings.Repeat("9", 9000)} {
		b.send(number)
		b.sees(400, "number|"+number+"|This is not a number")
	}
	assert.Zero(t, sendsOf(p))
}

// What the program's own function makes of a number is checked as well.
func TestTheProgramReadsNumbers(t *testing.T) {
	cfg := config()
	cfg.Number = func(typed string) (string, error) {
		if typed == "bad" {
			return somebody, errors.New("no")
		}
		return strings.Replace(typed, "0", "+31", 1), nil
	}
	b := open(t, handlerOf(t, otptest.NewProvider(), cfg))
	b.send("0612345678")
	b.sees(200, "+31612345678")
	for _, typed := range []string{"bad", "x"} {
		b.send(typed)
		b.sees(400)
	}
}

// Send again goes by the other vendor, and the page says so beforehand.
func TestSendAgainGoesByAnotherWay(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		first, second := otptest.NewProvider(otptest.WithName("first")), otptest.NewProvider(otptest.WithName("second"))
		router, err := route.Failover("router", first, second)
		require.NoError(t, err)
		b := open(t, handlerOf(t, guarded(t, router), config()))
		b.send(somebody)
		b.sees(200, "Send again by another way")
		b.post("resend")
		b.sees(200, "A code is on its way to you already.", "|30|")
		assert.Zero(t, sendsOf(second))

		time.Sleep(31 * time.Second)
		b.post("resend")
		b.sees(200, "We have sent you a code.")
		assert.Equal(t, 1, sendsOf(first))
		assert.Equal(t, 1, sendsOf(second))
		b.verify(codeOf(t, first, somebody)) // the first code is alive, too
		assert.Equal(t, somebody, b.signedIn())
	})
}

// Anyone who has to wait before the next code can still type it then.
func TestARefusedVerificationCanBeRepeated(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, p, config()))
	b.send(somebody)
	for _, kind := range []otp.Kind{otp.ErrRefused, otp.ErrRateLimited} {
		p.FailVerify(otp.Error{Kind: kind, Outcome: otp.OutcomeNotSent, RetryAfter: 30 * time.Second})
		b.verify("123456")
		b.sees(429, "not rejected.", "Try again in 30 s.", "type:true")
	}
	b.verify(codeOf(t, p, somebody))
	assert.Equal(t, somebody, b.signedIn())
}

func TestSendAgainWithoutASend(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, p, config()))
	b.post("resend")
	b.sees(400, "number|", "This took too long.")
	b.verify("123456")
	b.sees(400, "number|", "This took too long.")
	assert.Empty(t, p.Calls())
}

func TestAnotherNumber(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, p, config()))
	b.send(somebody)
	b.do("GET", "/signin/?number", "", "")
	b.sees(200, "number|")
	b.send(another)
	b.sees(200, another)
	b.verify(codeOf(t, p, another))
	assert.Equal(t, another, b.signedIn())
}

func TestAnUnknownOutcomeLetsThePersonType(t *testing.T) {
	p := otptest.NewProvider()
	p.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown})
	b := open(t, handlerOf(t, p, config()))
	b.send(somebody)
	b.sees(200, "We are not sure that the code was sent. If it arrives, type it here.", "type:true")
	b.verify(codeOf(t, p, somebody))
	assert.Equal(t, somebody, b.signedIn())
}

// Pressing the button twice makes nothing surer: what is said stays true, no matter who refuses the
// second send.
func TestNotSureStaysNotSure(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		unsure := otptest.NewProvider()
		unsure.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown})
		cfg := config()
		cfg.ResendAfter = 10 * time.Second // shorter than the guard's
		for said, p := range map[string]otp.Provider{
			"We are not sure that the code was sent. If it arrives, type it here.|type:true":                     unsure,
			"We are not sure that the code was sent, and could not check it. Ask for a new one.|type:false|Send": forgetful{otptest.NewProvider()},
		} {
			b := open(t, handlerOf(t, guarded(t, p), cfg))
			for range 3 {
				b.send(somebody)
				b.sees(200, said)
				b.post("resend")
				b.sees(200, said)
				time.Sleep(6 * time.Second)
			}
		}
		assert.Equal(t, 1, sendsOf(unsure))
	})
}

// forgetful is a provider whose answer to a send is lost.
type forgetful struct{ *otptest.Provider }

func (f forgetful) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	v, _ := f.Provider.Send(ctx, req)
	v.ID = otp.RandomID(false)
	return v, &otp.Error{Op: "send", Kind: otp.ErrUnavailable}
}

func TestALostSendOffersAnotherAtOnce(t *testing.T) {
	p := forgetful{otptest.NewProvider()}
	b := open(t, handlerOf(t, p, config()))
	b.send(somebody)
	b.sees(200, "could not check it. Ask for a new one.", "type:false", "|Send again|0|")
	b.post("resend")
	b.sees(200)
	assert.Equal(t, 2, sendsOf(p.Provider))
	assert.NotNil(t, p.Calls()[1].Request.Previous)
}

func TestACodeThatExpired(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := otptest.NewProvider()
		b := open(t, handlerOf(t, p, config()))
		b.send(somebody)
		time.Sleep(otp.DefaultTTL)
		b.get()
		b.sees(200, "code|", "This code has expired. Ask for a new one.", "type:false", "|Send again|0|")
		b.verify(codeOf(t, p, somebody))
		b.sees(400, "type:false", "This code has expired.")
		time.Sleep(time.Hour)
		b.get()
		b.sees(200, "number|")
	})
}

func TestAChallengeIsPassed(t *testing.T) {
	for _, asJSON := range []bool{false, true} {
		synctest.Test(t, func(t *testing.T) {
			g := guarded(t, otptest.NewProvider(), guard.WithFloor(guard.RuleNumber, otp.Rate{Events: 1, Per: time.Hour}))
			cfg := config()
			cfg.Caller = func(r *http.Request, number string, c *guard.Caller) {
				assert.Equal(t, somebody, number)
				if r.PostForm.Get("captcha") == "passed" {
					c.Passed = 1
				}
			}
			b := open(t, handlerOf(t, g, cfg))
			b.json = asJSON
			for range 5 {
				if b = b.beside(); b.Code != 200 {
					break
				}
				b.send(somebody)
				time.Sleep(3 * time.Minute)
			}
			b = b.beside()
			b.send(somebody)
			b.sees(429, "not a robot")
			if asJSON {
				assert.EqualValues(t, 1, b.member("challenge"))
			} else {
				b.sees(429, "challenge:1")
			}
			b.post("send", "number", somebody, "captcha", "passed")
			b.sees(200, "code")
		})
	}
}

// Where nobody can show a challenge, people are told to wait.
func TestAChallengeThatNobodyAsks(t *testing.T) {
	g := guarded(t, otptest.NewProvider(), guard.WithFloor(guard.RuleNumber, otp.Rate{Events: 1, Per: time.Hour}), guard.Without(guard.RuleCooldown))
	h := handlerOf(t, g, config())
	var b *browser
	for range 3 {
		b = open(t, h)
		b.send(somebody)
	}
	b.sees(429, "There were too many requests. Try again in", "challenge:0")
}

func TestTheRequestIsThePrograms(t *testing.T) {
	p := otptest.NewProvider()
	cfg := config()
	cfg.Request = func(_ *http.Request, req *otp.SendRequest) { req.Channel, req.CodeLength = otp.WhatsApp, 8 }
	b := open(t, handlerOf(t, p, cfg))
	b.header.Set("Accept-Language", "pt-BR,pt;q=0.9,en;q=0.8")
	b.send(somebody)
	sent := p.Calls()[0].Request
	assert.Equal(t, otp.WhatsApp, sent.Channel)
	assert.Equal(t, "pt-BR", sent.Locale)
	assert.Len(t, codeOf(t, p, somebody), 8)
}

func TestLanguages(t *testing.T) {
	cfg := config()
	cfg.Words = map[string]map[string]string{
		"de":    {"verify.wrong_code": "Das ist nicht der Code.", "attempts": "Versuche übrig: {attempts}."},
		"pt-BR": {"resend": "Enviar de novo"},
	}
	p, left := otptest.NewProvider(), 3
	b := open(t, handlerOf(t, p, cfg))
	b.send(somebody)
	for languages, want := range map[string]string{
		"de-CH,en": "Das ist nicht der Code. Versuche übrig: 3.", "fr, de;q=0.5": "Das ist nicht der Code.",
		"pt-br": "|Enviar de novo|", "": "That is not the code.", strings.Repeat("x,", 9000): "That is not the code.",
	} {
		b.header.Set("Accept-Language", languages)
		p.FailVerify(otp.Error{Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted, AttemptsLeft: &left})
		b.verify("123456")
		b.sees(400, want)
	}
}

func TestConfigsThatAreRefused(t *testing.T) {
	good := config()
	for field, change := range map[string]func(*otphttp.Config){
		"keys":         func(c *otphttp.Config) { c.Keys = nil },
		"on_verified":  func(c *otphttp.Config) { c.OnVerified = nil },
		"purpose":      func(c *otphttp.Config) { c.Purpose = "sign in;" },
		"resend_after": func(c *otphttp.Config) { c.ResendAfter = -1 },
		"send_timeout": func(c *otphttp.Config) { c.SendTimeout = time.Hour },
		"hosts":        func(c *otphttp.Config) { c.Hosts = []string{"example.com:443"} },
		"proxies":      func(c *otphttp.Config) { c.Proxies = append(c.Proxies, c.Proxies[:0:1][:1]...) },
		"words": func(c *otphttp.Config) {
			c.Words = map[string]map[string]string{"de": {"attempts": "Noch ein paar."}}
		},
	} {
		cfg := good
		cfg.Proxies = make([]netip.Prefix, 0, 1)
		change(&cfg)
		_, err := otphttp.New(otptest.NewProvider(), cfg)
		var failure *otp.Error
		require.ErrorAs(t, err, &failure, field)
		assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
		assert.Equal(t, field, failure.Field)
	}
	for _, keys := range [][][]byte{{[]byte("short")}, {key, nil}, make([][]byte, 17)} {
		cfg := good
		cfg.Keys = keys
		_, err := otphttp.New(otptest.NewProvider(), cfg)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
	}
	cfg := good
	cfg.Words = map[string]map[string]string{"de": {"nothing": "x"}}
	_, err := otphttp.New(otptest.NewProvider(), cfg)
	require.ErrorContains(t, err, `"nothing"`)
	_, err = otphttp.New(nil, good)
	require.ErrorIs(t, err, otp.ErrMisconfigured)
}

// store is a store that can be down.
type store struct {
	mu    sync.Mutex
	data  map[string]string
	down  bool
	saves int
}

func (s *store) Load(_ context.Context, session string) (string, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.data[session], s.failure()
}

func (s *store) Save(_ context.Context, session, data string, ttl time.Duration) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.failure(); err != nil {
		return err
	}
	if s.saves++; s.data == nil {
		s.data = map[string]string{}
	}
	if s.data[session] = data; data != "" && ttl < time.Minute {
		return fmt.Errorf("saved for %s", ttl)
	}
	return nil
}

func (s *store) failure() error {
	if s.down {
		return errors.New("down")
	}
	return nil
}

func TestAStoreOnTheServer(t *testing.T) {
	p, s := otptest.NewProvider(), new(store)
	cfg := config()
	cfg.Store = s
	g := guarded(t, p)
	b := open(t, handlerOf(t, g, cfg))
	b.send(somebody)
	b.sees(200, "code|"+somebody)
	assert.Len(t, b.cookie, 26, "the browser has its session's id alone")
	for _, data := range s.data {
		assert.NotContains(t, data, somebody[1:])
	}
	b.handler = handlerOf(t, g, cfg) // another process
	b.get()
	b.sees(200, "code|"+somebody)
	b.verify(codeOf(t, p, somebody))
	assert.Equal(t, somebody, b.signedIn())
	for _, data := range s.data {
		assert.Empty(t, data)
	}
}

func TestAStoreThatIsDownCostsNoText(t *testing.T) {
	p, s := otptest.NewProvider(), new(store)
	cfg := config()
	cfg.Store = s
	b := open(t, handlerOf(t, p, cfg))
	s.down = true
	b.send(somebody)
	b.sees(503, "We cannot send a code right now.")
	b.beside().sees(200)
	assert.Empty(t, p.Calls())
	s.down = false
	p.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent})
	b.send(somebody)
	b.sees(503)
	b.get()
	b.sees(200, "number|")
}

// down is the store of a guard that is down.
type down struct{}

func (down) Apply(context.Context, guard.Change) (guard.Result, error) {
	return guard.Result{}, &otp.Error{Kind: otp.ErrUnavailable, Err: errors.New("connection refused")}
}

// An outage of the guard's store is nobody's fault: everybody gets a 503, and nobody is sent away.
func TestAGuardWhoseStoreIsDown(t *testing.T) {
	p := otptest.NewProvider()
	g := guarded(t, p, guard.WithStore(down{}), guard.WithKey(key))
	for _, number := range []string{somebody, another, "+447700900123"} {
		b := open(t, handlerOf(t, g, config()))
		b.send(number)
		b.sees(503, "number|"+number+"|We cannot send a code right now.")
	}
	assert.Empty(t, p.Calls())

	up := open(t, handlerOf(t, p, config()))
	up.send(somebody)
	up.handler = handlerOf(t, g, config())
	up.verify(codeOf(t, p, somebody))
	up.sees(503, "We cannot check the code right now. Yours was not rejected.", "type:true")
}

// hanging is a store that does not answer.
type hanging struct{ store }

func (*hanging) Load(ctx context.Context, _ string) (string, error) {
	<-ctx.Done()
	return "", ctx.Err()
}

func TestAStoreThatHangs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := otptest.NewProvider()
		cfg := config()
		b := open(t, handlerOf(t, p, cfg))
		cfg.Store = new(hanging)
		b.handler = handlerOf(t, p, cfg)
		start := time.Now()
		b.send(somebody)
		b.sees(503, "number|")
		assert.Equal(t, 15*time.Second, time.Since(start))
		assert.Empty(t, p.Calls())
	})
}

// panicky is a provider that panics after it has done what it was asked.
type panicky struct{ *otptest.Provider }

func (p panicky) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	_, _ = p.Provider.Send(ctx, req)
	panic("secret " + req.To)
}

func (p panicky) Verify(ctx context.Context, v otp.Verification, code string) error {
	_ = p.Provider.Verify(ctx, v, code)
	panic("secret " + code)
}

// After a panic nobody knows whether there was a text, so it is not sent again without being asked
// for.
func TestAProviderThatPanics(t *testing.T) {
	p := panicky{otptest.NewProvider()}
	b := open(t, handlerOf(t, p, config()))
	var log strings.Builder
	cfg := config()
	cfg.Logger = slog.New(slog.NewTextHandler(&log, nil))
	b.handler = handlerOf(t, p, cfg)
	b.send(somebody)
	b.sees(200, "code|"+somebody, "We are not sure that the code was sent", "type:false")
	assert.Equal(t, 1, sendsOf(p.Provider))

	up := open(t, handlerOf(t, p.Provider, cfg))
	up.send(another)
	up.handler = b.handler
	up.verify(codeOf(t, p.Provider, another))
	up.sees(500, "We cannot check the code right now.", "type:true")
	assert.Empty(t, up.signedIn())
	assert.NotContains(t, log.String(), "secret")
	assert.Equal(t, 2, strings.Count(log.String(), "panicked"), log.String())
}

// A browser whose cookie has run out gets one with the page that says so: the button on it may be
// pressed twice.
func TestEveryPageWithAButtonHasASession(t *testing.T) {
	for name, reach := range map[string]func(*browser){
		"verify":     func(b *browser) { b.verify("123456"); b.sees(400, "number|") },
		"resend":     func(b *browser) { b.post("resend"); b.sees(400, "number|") },
		"bad number": func(b *browser) { b.send("12"); b.sees(400, "number|") },
		"not sent":   func(b *browser) { b.send(another); b.sees(503, "number|") },
	} {
		p := slow{otptest.NewProvider(), 20 * time.Millisecond}
		b := open(t, handlerOf(t, p, config()))
		b.cookie = ""
		if name == "not sent" {
			p.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent})
		}
		reach(b)
		before := sendsOf(p.Provider)
		var all sync.WaitGroup
		for range 2 {
			all.Go(func() {
				pressed := *b
				pressed.send(somebody)
				pressed.sees(200, "code|"+somebody)
			})
		}
		all.Wait()
		assert.Equal(t, 1, sendsOf(p.Provider)-before, name)
	}
}

// A number that cannot be reached does not take the code for another one away.
func TestAFailedSendKeepsWhatThereIs(t *testing.T) {
	p := otptest.NewProvider()
	cfg := config()
	b := open(t, handlerOf(t, p, cfg))
	b.send(somebody)
	b.handler = handlerOf(t, p, cfg) // knows the cookie alone
	p.FailSend(otp.Error{Kind: otp.ErrUnreachable, Outcome: otp.OutcomeNotSent})
	b.send(another)
	b.sees(422, "number|"+another)
	b.handler = handlerOf(t, p, cfg)
	b.get()
	b.sees(200, "code|"+somebody)
	b.verify(codeOf(t, p, somebody))
	assert.Equal(t, somebody, b.signedIn())
}

// Two processes that share a store: a double click reaches both.
func TestAStoreKeepsTwoProcessesFromSending(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p, cfg := slow{otptest.NewProvider(), 5 * time.Second}, config()
		cfg.Store = new(store)
		b := open(t, handlerOf(t, p, cfg))
		clicked := *b
		var first sync.WaitGroup
		first.Go(func() { b.send(somebody) })
		time.Sleep(200 * time.Millisecond)
		clicked.handler = handlerOf(t, p, cfg)
		clicked.send(somebody)
		clicked.sees(200, "code|"+somebody)
		clicked.post("resend")
		first.Wait()
		assert.Equal(t, 1, sendsOf(p.Provider))
		clicked.get()
		clicked.sees(200, "We have sent you a code.", "type:true")

		time.Sleep(30 * time.Second)
		first.Go(func() { b.post("resend") })
		time.Sleep(200 * time.Millisecond)
		clicked.post("resend")
		clicked.sees(200, "code|"+somebody, "type:true")
		first.Wait()
		assert.Equal(t, 2, sendsOf(p.Provider))
	})
}

// mistaken is a provider that says it has sent a code to another number, and takes any code.
type mistaken struct {
	*otptest.Provider
	to string
}

func (m mistaken) Send(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
	v, err := m.Provider.Send(ctx, req)
	v.To = m.to
	return v, err
}

func (mistaken) Verify(context.Context, otp.Verification, string) error { return nil }

func TestNobodyIsSignedInByANumberThatWasNotTyped(t *testing.T) {
	for _, to := range []string{another, ""} {
		b := open(t, handlerOf(t, mistaken{otptest.NewProvider(), to}, config()))
		b.send(somebody)
		b.sees(200, "code|"+somebody, "We are not sure", "type:false")
	}
}

// Who loads the page again from its address, after a wrong code, still finds where to type the
// right one.
func TestTheAddressOfAStepShowsThePage(t *testing.T) {
	p := otptest.NewProvider()
	b := open(t, handlerOf(t, p, config()))
	b.send(somebody)
	code := codeOf(t, p, somebody)
	b.verify(mistyped(code))
	b.do("GET", "/signin/verify", "", "")
	b.sees(405, "code|"+somebody, "type:true")
	b.cookie = ""
	b.do("GET", "/signin/verify", "", "")
	b.sees(405, "number|")
	assert.Len(t, b.cookie, 26)
}

// Media types have no case: who is read as JSON is answered in JSON.
func TestJSONInCapitals(t *testing.T) {
	b := open(t, handlerOf(t, otptest.NewProvider(), config()))
	b.do("POST", "/signin/send", "Application/JSON", `{"number":"`+somebody+`"}`)
	assert.Equal(t, "application/json", b.Header().Get("Content-Type"))
	assert.Equal(t, "code", b.member("step"))
}

// Anyone who has to wait longer than the button says is told so by the button as well.
func TestTheButtonWaitsAsLongAsTheError(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		p := otptest.NewProvider()
		b := open(t, handlerOf(t, p, config()))
		b.send(somebody)
		time.Sleep(31 * time.Second)
		p.FailSend(otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: time.Minute})
		b.post("resend")
		b.sees(429, "Try again in 60 s.", "type:true", "|Send again|60|")
	})
}

// raging is a store that panics with what it was given.
type raging struct {
	store
	load, save int // which calls of each do
}

func (r *raging) Load(ctx context.Context, session string) (string, error) {
	if r.load--; r.load == 0 {
		panic(session)
	}
	return r.store.Load(ctx, session)
}

func (r *raging) Save(ctx context.Context, session, data string, ttl time.Duration) error {
	if r.save--; r.save == 0 {
		panic(session)
	}
	return r.store.Save(ctx, session, data, ttl)
}

// A store that panics is one that is down, and anyone who has a text by then is told so.
func TestAStoreThatPanics(t *testing.T) {
	for _, test := range []struct {
		store  *raging
		status int
		texts  int
	}{
		{&raging{load: 1}, 503, 0}, {&raging{save: 1}, 503, 0}, {&raging{save: 2}, 200, 1},
	} {
		p, cfg := otptest.NewProvider(), config()
		cfg.Store = test.store
		b := open(t, handlerOf(t, p, cfg))
		b.send(somebody)
		b.sees(test.status)
		assert.Equal(t, test.texts, sendsOf(p))
		b.send(somebody)
		b.sees(200, "code|"+somebody)
		assert.Equal(t, 1, sendsOf(p))
		test.store.save = 1
		b.verify(codeOf(t, p, somebody))
		assert.Equal(t, somebody, b.signedIn())
	}
}

func TestAPageThatPanics(t *testing.T) {
	cfg, log := config(), new(strings.Builder)
	cfg.Logger = slog.New(slog.NewTextHandler(log, nil))
	cfg.Page = func(_ io.Writer, view any) error { panic(view) }
	b := open(t, handlerOf(t, otptest.NewProvider(), cfg))
	b.send(somebody)
	b.sees(500, "Internal Server Error")
	assert.Equal(t, "no-store", b.Header().Get("Cache-Control"))
	assert.NotContains(t, log.String()+b.Body.String(), somebody[1:])
}
