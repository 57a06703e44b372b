package otpconfig_test

import (
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// clients makes the provider of a file of three of acme's, a, b and c, and returns the three by
// name.
func clients(t *testing.T, strategy string) (otp.Provider, map[string]*otptest.Provider) {
	t.Helper()
	var made acme
	cfg, err := made.registry(t, nil).Parse([]byte(`
providers:
  a: {vendor: acme, token: t}
  b: {vendor: acme, token: t}
  c: {vendor: acme, token: t}
`+strategy), "yaml")
	require.NoError(t, err)
	p := providerOf(t, cfg)
	byName := make(map[string]*otptest.Provider)
	for _, client := range made.clients { // those that were made last are those in use
		byName[client.Name()] = client
	}
	return p, byName
}

var notSent = otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent}

func sentBy(t *testing.T, p otp.Provider, to string) string {
	t.Helper()
	v, err := p.Send(t.Context(), otp.SendRequest{To: to})
	require.NoError(t, err)
	return v.Provider
}

func TestFailover(t *testing.T) {
	p, client := clients(t, "send: {failover: [b, a, c]}")
	assert.Equal(t, "send", p.Name())
	assert.Equal(t, "b", sentBy(t, p, phone))
	client["b"].FailSend(notSent)
	client["a"].FailSend(notSent)
	assert.Equal(t, "c", sentBy(t, p, phone))
}

func TestWeighted(t *testing.T) {
	p, _ := clients(t, "send:\n  weighted:\n  - {provider: a, weight: 7}\n  - {provider: b, weight: 2}\n  - {provider: c, weight: 1}")
	count := make(map[string]int)
	for range 1000 {
		count[sentBy(t, p, phone)]++
	}
	assert.InDelta(t, 700, count["a"], 10)
	assert.InDelta(t, 200, count["b"], 10)
	assert.InDelta(t, 100, count["c"], 10)
}

func TestByPrefix(t *testing.T) {
	p, _ := clients(t, `send: {by_prefix: {+90: a, "+49": b, +4930: a, "": c}}`)
	for to, want := range map[string]string{"+905321234567": "a", "+4917612345678": "b", "+493012345678": "a", "+33612345678": "c"} {
		assert.Equal(t, want, sentBy(t, p, to))
	}
}

func TestStrategiesNest(t *testing.T) {
	p, client := clients(t, `
send:
  name: top
  by_prefix:
    "+90": {failover: [a, b]}
    "+49": {name: germany, failover: [a, {weighted: [{provider: {failover: [b, c]}, weight: 1}]}]}
    "": c
`)
	assert.Equal(t, "top", p.Name())
	client["a"].FailSend(notSent, notSent)
	client["b"].FailSend(notSent)
	var handed []otp.FailoverEvent
	ctx := otp.WithObserver(t.Context(), func(e otp.Event) { handed = append(handed, e.(otp.FailoverEvent)) })

	v, err := p.Send(ctx, otp.SendRequest{To: "+493012345678"})
	require.NoError(t, err)
	assert.Equal(t, "c", v.Provider)
	assert.Equal(t, "b", sentBy(t, p, "+905321234567"), "the same b as in the other branch")
	require.Len(t, handed, 2)
	assert.Equal(t, []string{"germany", "germany.1.0"}, []string{handed[0].Router, handed[1].Router}, "names tell where a router stands")

	code, _ := client["c"].Code("+493012345678")
	require.NoError(t, p.Verify(t.Context(), v, code))
	assert.Len(t, client["c"].Calls(), 2, "one client, however many branches lead to it")
}

func TestAWholeNumberIsInNoName(t *testing.T) {
	p, client := clients(t, `
send:
  by_prefix:
    "+1": {failover: [b, c]}
    "+905321234567": {failover: [{weighted: [{provider: a, weight: 1}]}, b]}
    "+90532123": {failover: [c, a]}
    "+9053212": {failover: [c, b]}
`)
	down := make([]otp.Error, 9)
	for i := range down {
		down[i] = notSent
	}
	for _, c := range client {
		c.FailSend(down...)
	}
	routers := make(map[string]string)
	for _, to := range []string{"+14155550123", phone, "+905321234568", "+905321240000"} {
		ctx := otp.WithObserver(t.Context(), func(e otp.Event) {
			routers[to] = e.(otp.FailoverEvent).Router
			assert.NotContains(t, fmt.Sprintf("%+v", e), to[1:])
		})
		_, err := p.Send(ctx, otp.SendRequest{To: to})
		require.ErrorIs(t, err, otp.ErrUnavailable)
		assert.NotContains(t, err.Error(), to[1:])
	}
	assert.Equal(t, map[string]string{
		"+14155550123": "send.1", phone: "send.prefix-1", "+905321234568": "send.prefix-2", "+905321240000": "send.9053212",
	}, routers)
}

func TestVerifyOnly(t *testing.T) {
	p, client := clients(t, "send: {failover: [a, b]}\nverify_only: [c]")
	client["a"].FailSend(notSent)
	client["b"].FailSend(notSent)
	_, err := p.Send(t.Context(), otp.SendRequest{To: phone})
	require.ErrorIs(t, err, otp.ErrUnavailable)
	assert.Empty(t, client["c"].Calls())

	v, err := client["c"].Send(t.Context(), otp.SendRequest{To: phone}) // before it was retired
	require.NoError(t, err)
	code, _ := client["c"].Code(phone)
	require.NoError(t, p.Verify(t.Context(), v, code))
}

func TestVerifyOnlyLeavesOneToSendBy(t *testing.T) {
	p, _ := clients(t, "verify_only: [a, b]")
	assert.Equal(t, "c", sentBy(t, p, phone))
}
