package otpotel_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

// vendor is a provider in memory that seems to be of a vendor.
func vendor(name, vendor string) *otptest.Provider {
	features := map[otp.Channel]otp.Features{otp.SMS: {}}
	return otptest.NewProvider(otptest.WithName(name), otptest.WithCapabilities(otp.Capabilities{
		Vendor: vendor, Default: otp.SMS, Channels: features,
	}))
}

func TestASendIsCountedForTheVendorThatSentIt(t *testing.T) {
	first, second := vendor("eu", "kaleyra"), vendor("us", "insider")
	breaker, err := route.Breaker(first, route.WithFaults(1))
	require.NoError(t, err)
	router, err := route.Failover("main", breaker, second)
	require.NoError(t, err)
	watched, told := watch(t, router)
	assert.Equal(t, "main", watched.Name())
	assert.Equal(t, router.Capabilities(), watched.Capabilities())
	assert.Equal(t, []otp.Provider{router}, watched.Unwrap())

	first.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent})
	v, err := watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	code, _ := second.Code(number)
	require.NoError(t, watched.Verify(t.Context(), v, code))

	assert.Equal(t, []string{"otp.channel=sms otp.outcome=accepted otp.vendor=insider: 1"}, told.series("otp.sends"))
	assert.Equal(t, []string{"otp.result=verified otp.vendor=insider: 1"}, told.series("otp.verifications"))
	assert.Equal(t, []string{"otp.calling_code=+90 otp.channel=sms otp.vendor=insider: 1"}, told.series("otp.codes.sent"))
	assert.Equal(t, []string{"otp.calling_code=+90 otp.channel=sms otp.vendor=insider: 1"}, told.series("otp.codes.verified"))
	assert.Equal(t, []string{"error.type=unavailable otp.from=eu otp.router=main otp.to=us: 1"}, told.series("otp.failovers"))
	assert.Equal(t, []string{"otp.operation=send otp.provider=eu: 2"}, told.series("otp.breaker.state"))
	spans := told.spans.GetSpans()
	assert.Contains(t, line(spans[0].Attributes), "otp.provider=us otp.vendor=insider")
	assert.ElementsMatch(t, []string{
		"otp.breaker: otp.operation=send otp.provider=eu otp.state=open",
		"otp.failover: error.type=unavailable otp.from=eu otp.router=main otp.to=us",
	}, events(spans[0]))
}

func TestASendThatNobodyMadeIsTheRouters(t *testing.T) {
	first, second := vendor("eu", "kaleyra"), vendor("us", "insider")
	router, err := route.Failover("main", first, second)
	require.NoError(t, err)
	watched, told := watch(t, router)
	first.FailSend(otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent})
	second.FailSend(otp.Error{Kind: otp.ErrUnauthorized, Outcome: otp.OutcomeNotSent})
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Equal(t, []string{
		"error.type=unavailable otp.channel=sms otp.outcome=not_sent otp.vendor=" + router.Capabilities().Vendor + ": 1",
	}, told.series("otp.sends"))

	first.FailSend(otp.Error{Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent})
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrInvalidRecipient)
	assert.Contains(t, told.series("otp.sends"),
		"error.type=invalid_recipient otp.channel=sms otp.outcome=not_sent otp.vendor=kaleyra: 1", "one vendor alone was asked")
}

func TestPassedOverProvidersAreTold(t *testing.T) {
	router, err := route.Failover("main", vendor("eu", "kaleyra"), vendor("us", "insider"), otptest.NewProvider())
	require.NoError(t, err)
	watched, told := watch(t, router)
	v, err := watched.Send(t.Context(), otp.SendRequest{To: number, CodeLength: 8})
	require.NoError(t, err)
	assert.Equal(t, otptest.Vendor, v.Provider)
	assert.Equal(t, []string{
		"otp.passed_over: error.type=unsupported otp.field=code_length otp.provider=eu otp.router=main",
		"otp.passed_over: error.type=unsupported otp.field=code_length otp.provider=us otp.router=main",
	}, events(told.span()))
	assert.Empty(t, told.series("otp.failovers"))
}

func TestWhatIsLearnedIsOnTheSpan(t *testing.T) {
	router, err := route.Learning("main", []otp.Provider{vendor("eu", "kaleyra"), vendor("us", "insider")}, route.WithSeed(1))
	require.NoError(t, err)
	watched, told := watch(t, router)
	var seen []string
	for i := range 100 {
		v, err := watched.Send(t.Context(), otp.SendRequest{To: fmt.Sprintf("+9053%08d", i*10_007)})
		require.NoError(t, err)
		seen = append(seen, events(told.span())...)
		if v.Provider == "eu" {
			route.Undelivered(watched, v)
		}
	}
	assert.Contains(t, seen, "otp.learning: otp.provider=us otp.router=main otp.state=leader")
}

func TestAFailureIsThatOfTheOnlyOneThatWasAsked(t *testing.T) {
	able := otptest.NewProvider()
	router, err := route.Failover("main", vendor("eu", "kaleyra"), able)
	require.NoError(t, err)
	watched, told := watch(t, router)
	able.FailSend(otp.Error{Kind: otp.ErrUnauthorized, Outcome: otp.OutcomeNotSent, HTTPStatus: 401})
	_, err = watched.Send(t.Context(), otp.SendRequest{To: number, CodeLength: 8})
	require.ErrorIs(t, err, otp.ErrUnauthorized)
	assert.Equal(t, []string{
		"error.type=unauthorized otp.channel=sms otp.outcome=not_sent otp.vendor=otptest: 1",
	}, told.series("otp.sends"))
	assert.Contains(t, line(told.span().Attributes), "http.response.status_code=401")
}

func TestAPersonOutOfReachIsTold(t *testing.T) {
	p := vendor("eu", "kaleyra")
	p.FailSend(otp.Error{Kind: otp.ErrUnreachable, Outcome: otp.OutcomeNotSent})
	watched, told := watch(t, p)
	_, err := watched.Send(t.Context(), otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrUnreachable)
	assert.Equal(t, []string{
		"error.type=unreachable otp.channel=sms otp.outcome=not_sent otp.vendor=kaleyra: 1",
	}, told.series("otp.sends"))
}

// A watched provider stands between a router and its vendors, too.
func TestSendAgainGoesPastAWatchedProvider(t *testing.T) {
	first, _ := watch(t, vendor("eu", "kaleyra"))
	second, _ := watch(t, vendor("us", "insider"))
	router, err := route.Failover("main", first, second)
	require.NoError(t, err)
	watched, _ := watch(t, router)
	v, err := watched.Send(t.Context(), otp.SendRequest{To: number})
	require.NoError(t, err)
	require.Equal(t, "eu", v.Provider)
	for _, want := range []string{"us", "eu"} {
		again := otp.SendRequest{To: number, Previous: &v}
		require.NoError(t, otp.CanSend(watched, again))
		v, err = watched.Send(t.Context(), again)
		require.NoError(t, err)
		assert.Equal(t, want, v.Provider)
	}
}

func TestAResendIsCountedAsASend(t *testing.T) {
	router, err := route.Failover("main", vendor("eu", "kaleyra"), vendor("us", "insider"))
	require.NoError(t, err)
	watched, told := watch(t, router)
	req := otp.SendRequest{To: number}
	first, err := watched.Send(t.Context(), req)
	require.NoError(t, err)
	req.Previous = &first
	second, err := watched.Send(t.Context(), req)
	require.NoError(t, err)
	assert.NotEqual(t, first.Provider, second.Provider)
	assert.Equal(t, []string{
		"otp.channel=sms otp.outcome=accepted otp.vendor=insider: 1",
		"otp.channel=sms otp.outcome=accepted otp.vendor=kaleyra: 1",
	}, told.series("otp.sends"))
}

func TestAProviderThatComesLaterIsFound(t *testing.T) {
	children := []otp.Provider{fake{name: "old", vendor: "kaleyra"}}
	root := fake{name: "main", vendor: "switch", children: func() []otp.Provider { return children }}
	watched, told := watch(t, root)
	verify := func(provider string) {
		require.NoError(t, watched.Verify(t.Context(), otp.Verification{Provider: provider}, "123456"))
	}
	verify("new")
	verify("old")
	children = []otp.Provider{fake{name: "new", vendor: "insider"}}
	verify("new")
	verify("old")
	assert.Equal(t, []string{
		"otp.result=verified otp.vendor=insider: 1",
		"otp.result=verified otp.vendor=kaleyra: 2", // known from before
		"otp.result=verified otp.vendor=switch: 1",
	}, told.series("otp.verifications"))
}

func TestAWrapperMayHaveTheNameOfWhatItWraps(t *testing.T) {
	leaf := fake{name: "main", vendor: "kaleyra"}
	guard := fake{name: "main", vendor: "guard", children: func() []otp.Provider { return []otp.Provider{nil, leaf} }}
	watched, told := watch(t, guard)
	require.NoError(t, watched.Verify(t.Context(), otp.Verification{Provider: "main"}, "123456"))
	assert.Equal(t, []string{"otp.result=verified otp.vendor=kaleyra: 1"}, told.series("otp.verifications"))
}

func TestSharedLayersAreSearchedOnce(t *testing.T) {
	var shared otp.Provider = &fake{name: "shared", vendor: "kaleyra"}
	for range 20 {
		below := shared
		shared = &fake{name: "layer", children: func() []otp.Provider { return []otp.Provider{below, below} }}
	}
	last := &fake{name: "last", vendor: "insider"}
	root := fake{name: "main", children: func() []otp.Provider { return []otp.Provider{shared, last} }}
	watched, told := watch(t, root)
	require.NoError(t, watched.Verify(t.Context(), otp.Verification{Provider: "last"}, "123456"))
	assert.Equal(t, []string{"otp.result=verified otp.vendor=insider: 1"}, told.series("otp.verifications"))
}

func TestATreeThatIsNoneEndsTheSearch(t *testing.T) {
	var circle fake
	circle = fake{name: "main", vendor: "circle", children: func() []otp.Provider { return []otp.Provider{circle, circle} }}
	watched, told := watch(t, circle)
	require.NoError(t, watched.Verify(t.Context(), otp.Verification{Provider: "nobody"}, "123456"))
	assert.Equal(t, []string{"otp.result=verified otp.vendor=circle: 1"}, told.series("otp.verifications"))
}
