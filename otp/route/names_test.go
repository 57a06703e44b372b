package route_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

// circle is a provider that holds itself.
type circle struct{ otp.Provider }

func (c *circle) Unwrap() []otp.Provider { return []otp.Provider{c} }

// endless is a wrapper whose Unwrap makes new wrappers for ever.
type endless struct{ otp.Provider }

func (e *endless) Unwrap() []otp.Provider { return []otp.Provider{&endless{e.Provider}} }

func TestConstructorsRefuseWhatCannotWork(t *testing.T) {
	a, b, otherA := leaf("a"), leaf("b"), leaf("a")
	guarded := &wrapper{Provider: a}
	inner := must(route.Failover("inner", a, b))
	nothing := (*otptest.Provider)(nil)
	failover := func(name string, providers ...otp.Provider) error {
		_, err := route.Failover(name, providers...)
		return err
	}
	weighted := func(shares ...route.Share) error {
		_, err := route.Weighted("main", shares...)
		return err
	}
	byPrefix := func(routes map[string]otp.Provider) error {
		_, err := route.ByPrefix("main", routes)
		return err
	}
	draining := func(active otp.Provider, retired ...otp.Provider) error {
		_, err := route.Draining("main", active, retired...)
		return err
	}
	newSwitch := func(name string, p otp.Provider, keep time.Duration) error {
		_, err := route.NewSwitch(name, p, keep)
		return err
	}
	breaker := func(p otp.Provider, opts ...route.BreakerOption) error {
		_, err := route.Breaker(p, opts...)
		return err
	}
	for name, c := range map[string]struct {
		err   error
		field string
	}{
		"no name":                         {failover("", a), "name"},
		"a bad name":                      {failover("a b", a), "name"},
		"none":                            {failover("main"), "providers"},
		"nil":                             {failover("main", a, nil), "providers[1]"},
		"a nil pointer":                   {failover("main", nothing), "providers[0]"},
		"twice":                           {failover("main", a, b, a), "providers[2]"},
		"one name for two":                {failover("main", a, otherA), "providers"},
		"one name for two, deeper":        {failover("main", inner, must(route.Failover("x", otherA, leaf("c")))), "providers"},
		"the router's own name":           {failover("a", a, b), "providers"},
		"the router's own name, deeper":   {failover("a", inner, leaf("c")), "providers"},
		"the inner router's name":         {failover("main", inner, leaf("inner")), "providers"},
		"no name below":                   {failover("main", leaf("")), "providers"},
		"guarded here, not guarded there": {failover("main", guarded, inner), "providers"},
		"not guarded here, guarded there": {failover("main", must(route.Failover("x", a, b)), guarded), "providers"},
		"one name for two, in a wrapper":  {failover("main", &wrapper{Provider: inner}, otherA), "providers"},
		"a circle":                        {failover("main", &circle{a}), "providers[0]"},
		"a wrapper without an end":        {failover("main", b, &endless{a}), "providers[1]"},
		"weighted: without an end":        {weighted(route.Share{&endless{a}, 1}), "providers[0]"},
		"by prefix: without an end":       {byPrefix(map[string]otp.Provider{"": &endless{a}}), "providers[0]"},
		"draining: without an end":        {draining(a, &endless{b}), "providers[1]"},
		"switch: without an end":          {newSwitch("main", &endless{a}, 0), "providers[0]"},
		"breaker: without an end":         {breaker(&endless{a}), "provider"},
		"breaker: a circle":               {breaker(&circle{a}), "provider"},
		"weighted: none":                  {weighted(), "providers"},
		"weighted: nil":                   {weighted(route.Share{Weight: 1}), "providers[0]"},
		"weighted: no weight":             {weighted(route.Share{Provider: a}), "shares[0].weight"},
		"weighted: a negative weight":     {weighted(route.Share{a, 1}, route.Share{b, -1}), "shares[1].weight"},
		"weighted: too heavy":             {weighted(route.Share{a, 1_000_001}), "shares[0].weight"},
		"weighted: twice":                 {weighted(route.Share{a, 1}, route.Share{a, 1}), "providers[1]"},
		"by prefix: none":                 {byPrefix(nil), "providers"},
		"by prefix: nil":                  {byPrefix(map[string]otp.Provider{"+33": nothing}), `routes["+33"]`},
		"by prefix: no plus":              {byPrefix(map[string]otp.Provider{"33": a}), `routes["33"]`},
		"by prefix: plus alone":           {byPrefix(map[string]otp.Provider{"+": a}), `routes["+"]`},
		"by prefix: zero":                 {byPrefix(map[string]otp.Provider{"+03": a}), `routes["+03"]`},
		"by prefix: letters":              {byPrefix(map[string]otp.Provider{"+3x": a}), `routes["+3x"]`},
		"by prefix: too long":             {byPrefix(map[string]otp.Provider{"+1234567890123456": a}), `routes["+123*****56"]`},
		"by prefix: one name for two":     {byPrefix(map[string]otp.Provider{"+33": a, "": otherA}), "providers"},
		"draining: nil":                   {draining(nil, a), "providers[0]"},
		"draining: nil retired":           {draining(a, nil), "providers[1]"},
		"draining: one name for two":      {draining(a, otherA), "providers"},
		"switch: nil":                     {newSwitch("main", nil, 0), "providers[0]"},
		"switch: a bad name":              {newSwitch("-", a, 0), "name"},
		"switch: negative":                {newSwitch("main", a, -1), "keep"},
		"breaker: nil":                    {breaker(nothing), "provider"},
		"breaker: no faults":              {breaker(a, route.WithFaults(0)), "breaker.faults"},
		"breaker: too many faults":        {breaker(a, route.WithFaults(1001)), "breaker.faults"},
		"breaker: too short":              {breaker(a, route.WithOpenFor(0)), "breaker.open_for"},
		"breaker: a nil option":           {breaker(a, nil), "breaker"},
	} {
		if assert.Error(t, c.err, name) {
			failure := failureOf(t, c.err)
			assert.Equal(t, otp.ErrMisconfigured, failure.Kind, name)
			assert.Equal(t, otp.OutcomeNotSent, failure.Outcome, name)
			assert.Equal(t, c.field, failure.Field, name)
		}
	}
}

func TestConstructorsTakeWhatCanWork(t *testing.T) {
	a, b, c := leaf("a"), leaf("b"), leaf("c")
	guarded := &wrapper{Provider: must(route.Breaker(c))}

	shared := must(route.Failover("main", must(route.Failover("x", a, b)), must(route.Failover("y", b, guarded)), guarded))
	_, err := route.Failover("outer", shared, a)
	require.NoError(t, err, "one provider in several branches")
	_, err = route.Failover("a", &wrapper{Provider: &wrapper{Provider: a}})
	require.NoError(t, err, "wrappers of one provider may bear its name")
	_, err = route.Failover("outer", &wrapper{Provider: shared}, &double{name: "d"})
	require.NoError(t, err)

	rotated := must(route.NewSwitch("key", leaf("a"), 0))
	require.NoError(t, rotated.Replace(leaf("a")))
	_, err = route.Failover("outer", rotated, b)
	require.NoError(t, err, "a switch that keeps the former bearer of a name")

	r, err := route.ByPrefix("main", map[string]otp.Provider{"+33": a, "+34": a, "+123456789012345": b, "": b})
	require.NoError(t, err, "several prefixes may have one provider")
	assert.Len(t, r.Unwrap(), 2)
	_, err = route.Draining("main", a)
	require.NoError(t, err)
}

func TestWhatASwitchKeepsHasItsNameToItself(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		was, other := leaf("b"), leaf("b")
		replaced := func(name string, by otp.Provider) *route.Switch {
			s := must(route.NewSwitch(name, &wrapper{Provider: was}, 0))
			require.NoError(t, s.Replace(by))
			return s
		}
		s := replaced("s", leaf("a"))
		otherSwitch := must(route.NewSwitch("x", other, 0))
		require.NoError(t, otherSwitch.Replace(leaf("c")))
		for name, sibling := range map[string]otp.Provider{
			"another provider":                  other,
			"another one, deeper":               must(route.Failover("deeper", leaf("c"), &wrapper{Provider: other})),
			"the same one, guarded":             &wrapper{Provider: was},
			"one that is kept somewhere else":   otherSwitch,
			"one that is kept, behind a router": must(route.Failover("deeper", otherSwitch)),
		} {
			for _, children := range [][]otp.Provider{{s, sibling}, {sibling, s}, {must(route.Breaker(s)), sibling}} {
				_, err := route.Failover("main", children...)
				require.ErrorIs(t, err, otp.ErrMisconfigured, name)
				assert.Equal(t, "providers", failureOf(t, err).Field, name)
				assert.Contains(t, err.Error(), `"b"`, name)
			}
		}
		for name, children := range map[string][]otp.Provider{
			"the same provider":         {s, was},
			"its successor":             {replaced("s", other), leaf("c")},
			"its successor, elsewhere":  {replaced("s", other), must(route.Failover("deeper", other, leaf("c")))},
			"the switch twice":          {must(route.Failover("x", s)), must(route.Failover("y", s))},
			"wrappers of its successor": {must(route.Failover("b", must(route.Breaker(replaced("b", other))))), leaf("c")},
			"the root's name is no one": {must(route.Failover("deeper", s)), leaf("c")},
		} {
			_, err := route.Failover("main", children...)
			require.NoError(t, err, name)
		}
		_, err := route.Failover("b", s)
		require.NoError(t, err, "only senders stand in verifications")
		time.Sleep(defaultKeep)
		_, err = route.Failover("main", s, other)
		require.NoError(t, err, "nobody remembers")
	})
}

// namedWrapper is a wrapper with a name of its own.
type namedWrapper struct {
	otp.Provider
	name string
}

func (w *namedWrapper) Name() string           { return w.name }
func (w *namedWrapper) Unwrap() []otp.Provider { return []otp.Provider{w.Provider} }

// Twenty layers that share what is below them are a million ways to one vendor.
func TestSharedLayersCostLittle(t *testing.T) {
	a := leafWith("a", otp.Features{}, otp.SMS, otp.Voice)
	var p otp.Provider = a
	for i := range 20 {
		x, y := &namedWrapper{p, fmt.Sprint("x", i)}, &namedWrapper{p, fmt.Sprint("y", i)}
		p = must(route.Failover(fmt.Sprint("layer", i), x, y))
	}
	start := time.Now()
	outer := must(route.Failover("outer", p, leaf("b")))
	v, code := sent(t, outer, a)
	require.NoError(t, outer.Verify(t.Context(), v, code))
	require.ErrorIs(t, outer.Verify(t.Context(), via("c", otp.SMS), code), otp.ErrMisconfigured)
	v, err := outer.Send(t.Context(), otp.SendRequest{To: number, Channel: otp.WhatsApp})
	require.NoError(t, err)
	assert.Equal(t, "b", v.Provider)
	require.ErrorIs(t, otp.CanSend(outer, otp.SendRequest{To: number, Channel: "pigeon"}), otp.ErrUnsupported)
	s := must(route.NewSwitch("switch", p, 0))
	require.NoError(t, s.Replace(must(route.Failover("outer", s.Unwrap()[0], leaf("b")))))
	must(route.Failover("root", s, leaf("c")))
	assert.Less(t, time.Since(start), 5*time.Second)
}

func TestWhatIsHandedOutIsACopy(t *testing.T) {
	a, b := leaf("a"), leaf("b")
	given := []otp.Provider{a, b}
	routes := map[string]otp.Provider{"": a}
	r, byPrefix := must(route.Failover("main", given...)), must(route.ByPrefix("by", routes))
	given[0] = nil
	r.Unwrap()[0] = nil
	byPrefix.Unwrap()[0] = nil
	maps.DeleteFunc(routes, func(string, otp.Provider) bool { return true })
	for _, p := range []otp.Provider{r, byPrefix} {
		_, err := p.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
	}
	assert.Equal(t, 2, sends(a))
	assert.False(t, slices.Contains(r.Unwrap(), nil))
}
