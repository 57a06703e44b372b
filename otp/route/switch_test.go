package route_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

const defaultKeep = 30 * time.Minute

func TestAReplacedProviderVerifiesForAWhile(t *testing.T) {
	for keep, kept := range map[time.Duration]time.Duration{0: defaultKeep, time.Hour: time.Hour} {
		synctest.Test(t, func(t *testing.T) {
			a, b := leaf("a"), leaf("b")
			s := must(route.NewSwitch("main", a, keep))
			time.Sleep(2 * kept)
			v, code := sent(t, s, a, b)
			other, otherCode := v, code
			require.NoError(t, s.Replace(b))
			assert.Equal(t, []otp.Provider{b, a}, s.Unwrap())

			newer, newCode := sent(t, s, a, b)
			assert.Equal(t, "b", newer.Provider)
			require.NoError(t, s.Verify(t.Context(), newer, newCode))

			a.Advance(-kept) // the vendor's codes are not what this is about
			time.Sleep(kept - time.Second)
			require.NoError(t, s.Verify(t.Context(), v, code))
			time.Sleep(time.Second)
			err := s.Verify(t.Context(), other, otherCode)
			require.ErrorIs(t, err, otp.ErrMisconfigured)
			assert.Equal(t, otp.OutcomeNotSent, otp.OutcomeOf(err))
			assert.Equal(t, "provider", failureOf(t, err).Field)
			assert.Equal(t, []otp.Provider{b}, s.Unwrap())
		})
	}
}

func TestEachIsKeptFromItsOwnReplacementOn(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b, c := leaf("a"), leaf("b"), leaf("c")
		s := must(route.NewSwitch("main", a, time.Hour))
		require.NoError(t, s.Replace(b))
		time.Sleep(40 * time.Minute)
		require.NoError(t, s.Replace(c))
		assert.Equal(t, []otp.Provider{c, b, a}, s.Unwrap())
		time.Sleep(20 * time.Minute)
		assert.Equal(t, []otp.Provider{c, b}, s.Unwrap())
		time.Sleep(40 * time.Minute)
		assert.Equal(t, []otp.Provider{c}, s.Unwrap())
	})
}

func TestAProviderMayComeBack(t *testing.T) {
	a, b := leaf("a"), leaf("b")
	s := must(route.NewSwitch("main", a, 0))
	require.NoError(t, s.Replace(a))
	assert.Equal(t, []otp.Provider{a}, s.Unwrap())
	require.NoError(t, s.Replace(b))
	require.NoError(t, s.Replace(a))
	assert.Equal(t, []otp.Provider{a, b}, s.Unwrap())
	v, _ := sent(t, s, a, b)
	assert.Equal(t, "a", v.Provider)
}

func TestTheNewestIsAskedFirst(t *testing.T) {
	was, is := leaf("a"), leaf("a")
	old, oldCode := sent(t, was, was)
	s := must(route.NewSwitch("main", was, 0))
	require.NoError(t, s.Replace(must(route.Failover("more", leaf("b"), is))))

	require.ErrorIs(t, s.Verify(t.Context(), old, "1"), otp.ErrWrongCode)
	require.NoError(t, s.Verify(t.Context(), old, oldCode))
	assert.Len(t, is.Calls(), 2, "it knew of no such code")

	v, code := sent(t, is, is)
	asked := len(was.Calls())
	require.ErrorIs(t, s.Verify(t.Context(), v, "1"), otp.ErrWrongCode)
	require.NoError(t, s.Verify(t.Context(), v, code))
	require.ErrorIs(t, s.Verify(t.Context(), v, code), otp.ErrAlreadyVerified)
	is.FailVerify(fault(otp.ErrUnavailable, otp.OutcomeUnknown))
	require.ErrorIs(t, s.Verify(t.Context(), v, code), otp.ErrUnavailable)
	assert.Len(t, was.Calls(), asked, "only after ErrNotFound, which spends no attempt")

	v.ID = "nobody's"
	require.ErrorIs(t, s.Verify(t.Context(), v, code), otp.ErrNotFound)
	was.FailVerify(fault(otp.ErrUnavailable, otp.OutcomeUnknown))
	require.ErrorIs(t, s.Verify(t.Context(), v, code), otp.ErrUnavailable, "nobody who could know has said no")
}

func TestOneSenderIsAskedOnce(t *testing.T) {
	a := leaf("a")
	s := must(route.NewSwitch("main", must(route.Failover("x", a, leaf("b"))), 0))
	require.NoError(t, s.Replace(must(route.Failover("y", a, leaf("c")))))
	require.ErrorIs(t, s.Verify(t.Context(), via("a", otp.SMS), "123456"), otp.ErrNotFound)
	assert.Len(t, a.Calls(), 1)
}

func TestAGuardInsideIsNotPassedBy(t *testing.T) {
	a := leaf("a")
	guard := &wrapper{Provider: a}
	s := must(route.NewSwitch("a", guard, 0))
	v, code := sent(t, s, a)
	require.NoError(t, s.Replace(leaf("b")))
	require.NoError(t, s.Verify(t.Context(), v, code))
	assert.Equal(t, 1, guard.verifies)
}

// saying is a sender whose verifications all end with err.
func saying(name string, err error) *double {
	return &double{name: name, verify: func(context.Context, otp.Verification, string) error { return err }}
}

func TestWhichErrorsOfTheNewestLeadToAnOlderOne(t *testing.T) {
	goesOn := map[otp.Kind]bool{
		otp.ErrUnauthorized: true, otp.ErrMisconfigured: true, otp.ErrInsufficientFunds: true,
	}
	for _, kind := range []otp.Kind{
		otp.ErrInvalidRequest, otp.ErrInvalidRecipient, otp.ErrUnsupported, otp.ErrUnauthorized, otp.ErrMisconfigured,
		otp.ErrInsufficientFunds, otp.ErrRateLimited, otp.ErrUnavailable, otp.ErrProtocol, otp.ErrCanceled, otp.ErrRefused,
		otp.ErrCodeRejected, otp.ErrWrongCode, otp.ErrExpired, otp.ErrTooManyAttempts, otp.ErrAlreadyVerified, otp.ErrNotFound,
	} {
		for _, outcome := range []otp.Outcome{otp.OutcomeUnknown, otp.OutcomeNotSent, otp.OutcomeAccepted} {
			for from, wanted := range map[*otp.Error]bool{
				{Provider: "a"}:                      goesOn[kind] && outcome == otp.OutcomeNotSent || kind == otp.ErrNotFound,
				{Provider: "a", Err: otp.ErrRefused}: false, // a guard has the name of what is behind it
				{Provider: "guard"}:                  false,
			} {
				from.Kind, from.Outcome = kind, outcome
				is, was := saying("a", from), saying("a", nil)
				s := must(route.NewSwitch("main", was, 0))
				require.NoError(t, s.Replace(is))
				err := s.Verify(t.Context(), via("a", otp.SMS), "123456")
				if wanted {
					require.NoError(t, err, "%v %s", from, outcome)
					continue
				}
				assert.Same(t, from, err, outcome)
			}
		}
	}
}

// A reload with a bad key must not lose the codes that are out, nor tell lies about them.
func TestWhatIsSaidWhenTheNewestCannotJudge(t *testing.T) {
	of := func(kind otp.Kind, outcome otp.Outcome) *otp.Error {
		return &otp.Error{Provider: "a", Kind: kind, Outcome: outcome}
	}
	badKey := of(otp.ErrUnauthorized, otp.OutcomeNotSent)
	unknownCode := of(otp.ErrNotFound, otp.OutcomeAccepted)
	wrong := of(otp.ErrWrongCode, otp.OutcomeAccepted)
	attempts := of(otp.ErrTooManyAttempts, otp.OutcomeNotSent)
	attempts.Err = otp.ErrRefused
	timeout := of(otp.ErrUnavailable, otp.OutcomeUnknown)
	down := of(otp.ErrUnavailable, otp.OutcomeNotSent)
	otherKey := of(otp.ErrUnauthorized, otp.OutcomeNotSent)
	right := (*otp.Error)(nil)
	for name, c := range map[string]struct {
		newestFirst []*otp.Error
		want        *otp.Error
	}{
		"the older one accepts":             {[]*otp.Error{badKey, right}, right},
		"its verdict":                       {[]*otp.Error{badKey, wrong}, wrong},
		"that of its guard":                 {[]*otp.Error{badKey, attempts}, attempts},
		"it may have judged":                {[]*otp.Error{badKey, timeout, right}, timeout},
		"it cannot be reached":              {[]*otp.Error{badKey, down, right}, badKey},
		"it has a bad key, too":             {[]*otp.Error{badKey, otherKey}, badKey},
		"and a third accepts":               {[]*otp.Error{badKey, otherKey, right}, right},
		"the newest might have known":       {[]*otp.Error{badKey, unknownCode}, badKey},
		"the older one might have known":    {[]*otp.Error{unknownCode, badKey}, badKey},
		"somebody between might have known": {[]*otp.Error{unknownCode, badKey, unknownCode}, badKey},
		"nobody knows":                      {[]*otp.Error{unknownCode, of(otp.ErrNotFound, otp.OutcomeAccepted)}, unknownCode},
	} {
		var s *route.Switch
		for _, err := range slices.Backward(c.newestFirst) {
			sender := saying("a", err)
			if err == right {
				sender = saying("a", nil)
			}
			if s == nil {
				s = must(route.NewSwitch("main", sender, 0))
				continue
			}
			require.NoError(t, s.Replace(sender), name)
		}
		err := s.Verify(t.Context(), via("a", otp.SMS), "123456")
		if c.want == right {
			require.NoError(t, err, name)
			continue
		}
		if assert.Error(t, err, name) {
			assert.Equal(t, c.want, failureOf(t, err), name)
		}
	}
}

// A code that was sent for a login is refused for a payment by the guard that saw the send. The
// provider of before, whose guard never heard of it or which has none, must not be asked instead.
func TestAGuardIsNotGonePastByAReplacement(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	account := func() otp.Provider {
		return must(insider.New(insider.Config{APIKey: srv.APIKey, BaseURL: srv.URL}, otp.WithName("main")))
	}
	for name, before := range map[string]otp.Provider{
		"a guard was put in": account(), "each has a guard": must(guard.New(account())),
	} {
		to := "+90532123456" + strconv.Itoa(len(name)%10)
		s := must(route.NewSwitch("otp", before, 0))
		require.NoError(t, s.Replace(must(guard.New(account()))))
		login := guard.WithCaller(t.Context(), guard.Caller{Purpose: "login"})
		v, err := s.Send(login, otp.SendRequest{To: to})
		require.NoError(t, err, name)
		code, _ := srv.Code(to)
		payment := guard.WithCaller(t.Context(), guard.Caller{Purpose: "payment"})
		require.ErrorIs(t, s.Verify(payment, v, code), otp.ErrNotFound, name)
		require.NoError(t, s.Verify(login, v, code), name)
	}
}

func TestAReloadWithABadKeyLosesNoCode(t *testing.T) {
	srv := insidertest.NewServer()
	defer srv.Close()
	account := func(key string) otp.Provider {
		return must(insider.New(insider.Config{APIKey: key, BaseURL: srv.URL}, otp.WithName("main")))
	}
	s := must(route.NewSwitch("otp", account(srv.APIKey), 0))
	v, err := s.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	require.NoError(t, s.Replace(account("a-mistyped-key")))
	code, _ := srv.Code(number)
	require.ErrorIs(t, s.Verify(t.Context(), v, "0"+code[1:]+"0"), otp.ErrCodeRejected)
	require.NoError(t, s.Verify(t.Context(), v, code))
}

// Switch.Replace does not know what stands beside the switch, so a name may come to mean two.
func TestAVerificationIsNotBroughtToANamesake(t *testing.T) {
	for name, replace := range map[string]func(s *route.Switch, namesake otp.Provider){
		"now":    func(s *route.Switch, namesake otp.Provider) { _ = s.Replace(namesake) },
		"before": func(s *route.Switch, namesake otp.Provider) { _ = s.Replace(namesake); _ = s.Replace(leaf("c")) },
	} {
		synctest.Test(t, func(t *testing.T) {
			b, namesake := leaf("b"), saying("b", nil)
			s := must(route.NewSwitch("s", down("a"), 0))
			r := must(route.Failover("main", s, b))
			v, code := sent(t, r, b)
			replace(s, namesake)

			err := r.Verify(t.Context(), v, "no such code")
			failure := failureOf(t, err)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind, name)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, name)
			assert.Equal(t, "provider", failure.Field, name)
			assert.Equal(t, "main", failure.Provider, name)
			require.ErrorIs(t, r.Verify(t.Context(), v, code), otp.ErrMisconfigured, name)

			require.NoError(t, s.Replace(leaf("d")))
			time.Sleep(defaultKeep)
			b.Advance(-defaultKeep)
			require.NoError(t, r.Verify(t.Context(), v, code), "%s: it is unambiguous again", name)
		})
	}
}

func TestANameStaysWithItsVendor(t *testing.T) {
	vendor := func(vendor, name string) otp.Provider {
		return otptest.NewProvider(otptest.WithName(name), otptest.WithCapabilities(otp.Capabilities{
			Vendor: vendor, Default: otp.SMS, Channels: map[otp.Channel]otp.Features{otp.SMS: {}},
		}))
	}
	synctest.Test(t, func(t *testing.T) {
		x := vendor("x", "a")
		s := must(route.NewSwitch("main", &wrapper{Provider: x}, time.Hour))
		for range 2 {
			err := s.Replace(must(route.Failover("more", vendor("y", "b"), vendor("y", "a"))))
			failure := failureOf(t, err)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome)
			assert.Contains(t, err.Error(), `"a"`)
			assert.Contains(t, err.Error(), "new name")
			v, _ := sent(t, s, x.(*otptest.Provider))
			assert.Equal(t, "a", v.Provider, "everything is as before")
			_ = s.Replace(s.Unwrap()[0])
		}
		require.NoError(t, s.Replace(vendor("x", "a")), "another account of the same vendor")
		require.NoError(t, s.Replace(vendor("y", "b")))
		require.ErrorIs(t, s.Replace(vendor("y", "a")), otp.ErrMisconfigured, "it is still kept")
		time.Sleep(time.Hour)
		require.NoError(t, s.Replace(vendor("y", "a")), "nobody remembers")
	})
}

func TestReplaceRefusesWhatCannotWork(t *testing.T) {
	a, b := leaf("a"), leaf("b")
	s := must(route.NewSwitch("main", a, 0))
	for name, p := range map[string]otp.Provider{
		"nil":               nil,
		"a nil pointer":     (*otptest.Provider)(nil),
		"itself":            s,
		"itself, deeper":    must(route.Failover("outer", must(route.Breaker(s)), b)),
		"its name, deeper":  must(route.Failover("x", leaf("main"), b)),
		"no name":           leaf(""),
		"two with one name": &twins{leaf("x"), leaf("x")},
	} {
		require.ErrorIs(t, s.Replace(p), otp.ErrMisconfigured, name)
	}
	assert.Equal(t, []otp.Provider{a}, s.Unwrap())
}

// twins is a careless wrapper of two.
type twins struct {
	otp.Provider
	other otp.Provider
}

func (t *twins) Name() string           { return "twins" }
func (t *twins) Unwrap() []otp.Provider { return []otp.Provider{t.Provider, t.other} }

func TestASendFinishesWhereItBegan(t *testing.T) {
	started, finish := make(chan struct{}), make(chan struct{})
	a := leaf("a")
	slow := &double{name: "a", send: func(ctx context.Context, req otp.SendRequest) (otp.Verification, error) {
		close(started)
		<-finish
		return a.Send(ctx, req)
	}, verify: a.Verify}
	s := must(route.NewSwitch("main", slow, 0))
	result := make(chan otp.Verification)
	go func() {
		v, _ := s.Send(t.Context(), otp.SendRequest{To: number})
		result <- v
	}()
	<-started
	require.NoError(t, s.Replace(leaf("b")))
	close(finish)
	v := <-result
	code, _ := a.Code(number)
	require.NoError(t, s.Verify(t.Context(), v, code))
}

func TestNothingIsLostWhileProvidersAreReplaced(t *testing.T) {
	const people, replacements = 1000, 100
	var mu sync.Mutex
	phones := map[string]*otptest.Provider{} // by the name of the vendor
	generation := func(i int) otp.Provider {
		mu.Lock()
		defer mu.Unlock()
		first, second := leaf(fmt.Sprint("a", i)), leaf(fmt.Sprint("b", i))
		first.FailSend(fault(otp.ErrUnavailable, otp.OutcomeNotSent))
		phones[first.Name()], phones[second.Name()] = first, second
		return must(route.Failover("both", first, second))
	}
	s := must(route.NewSwitch("main", generation(0), 0))
	outer := must(route.Failover("outer", s))
	var wait sync.WaitGroup
	wait.Go(func() {
		for i := range replacements {
			assert.NoError(t, s.Replace(generation(i+1)))
			time.Sleep(100 * time.Microsecond)
		}
	})
	for i := range people {
		wait.Go(func() {
			time.Sleep(time.Duration(i*10) * time.Microsecond)
			to := fmt.Sprintf("+9053%08d", i)
			v, err := outer.Send(t.Context(), otp.SendRequest{To: to})
			if !assert.NoError(t, err) {
				return
			}
			time.Sleep(time.Millisecond) // the person types
			mu.Lock()
			phone := phones[v.Provider]
			mu.Unlock()
			code, _ := phone.Code(to)
			assert.NoError(t, outer.Verify(t.Context(), v, code))
		})
	}
	wait.Wait()
	assert.Len(t, s.Unwrap(), replacements+1)
}

func TestNothingIsLostWhileAKeyIsRotated(t *testing.T) {
	const people, replacements = 1000, 100
	var mu sync.Mutex
	accounts := []*otptest.Provider{leaf("a")}
	s := must(route.NewSwitch("main", accounts[0], 0))
	var wait sync.WaitGroup
	wait.Go(func() {
		for range replacements {
			account := leaf("a")
			mu.Lock()
			accounts = append(accounts, account)
			mu.Unlock()
			assert.NoError(t, s.Replace(account))
			time.Sleep(100 * time.Microsecond)
		}
	})
	codeOf := func(to string) string {
		mu.Lock()
		defer mu.Unlock()
		for _, account := range accounts {
			if code, received := account.Code(to); received {
				return code
			}
		}
		return ""
	}
	for i := range people {
		wait.Go(func() {
			time.Sleep(time.Duration(i*10) * time.Microsecond)
			to := fmt.Sprintf("+9053%08d", i)
			v, err := s.Send(t.Context(), otp.SendRequest{To: to})
			assert.NoError(t, err)
			assert.NoError(t, s.Verify(t.Context(), v, codeOf(to)))
		})
	}
	wait.Wait()
}
