package otpotel_test

import (
	"context"
	"fmt"
	"os"
	"regexp"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	sdkmetric "go.opentelemetry.io/otel/sdk/metric"
	"go.opentelemetry.io/otel/sdk/metric/metricdata"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpotel"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func TestSendsAndVerificationsAreCounted(t *testing.T) {
	p := otptest.NewProvider()
	watched, told := watch(t, p)
	send := func(channel otp.Channel, to string) otp.Verification {
		v, _ := watched.Send(t.Context(), otp.SendRequest{To: to, Channel: channel})
		return v
	}
	p.FailSend(
		otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeUnknown},
		otp.Error{Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent},
	)
	send("", number)
	send(otp.WhatsApp, number)
	send(otp.WhatsApp, "+14155550123")
	send("pigeon", number)
	v := send(otp.Voice, number)
	require.ErrorIs(t, watched.Verify(t.Context(), v, "nonsense"), otp.ErrWrongCode)
	require.ErrorIs(t, watched.Verify(t.Context(), v, "no code…"), otp.ErrWrongCode) // asks nobody
	code, _ := p.Code(number)
	require.NoError(t, watched.Verify(t.Context(), v, code))
	require.ErrorIs(t, watched.Verify(t.Context(), v, code), otp.ErrAlreadyVerified)

	assert.Equal(t, []string{
		"error.type=rate_limited otp.channel=whatsapp otp.outcome=not_sent otp.vendor=otptest: 1",
		"error.type=unavailable otp.channel=sms otp.outcome=unknown otp.vendor=otptest: 1",
		"error.type=unsupported otp.channel=unknown otp.outcome=not_sent otp.vendor=otptest: 1",
		"otp.channel=voice otp.outcome=accepted otp.vendor=otptest: 1",
		"otp.channel=whatsapp otp.outcome=accepted otp.vendor=otptest: 1",
	}, told.series("otp.sends"))
	assert.Equal(t, []string{
		"otp.result=already_verified otp.vendor=otptest: 1",
		"otp.result=verified otp.vendor=otptest: 1",
		"otp.result=wrong_code otp.vendor=otptest: 2",
	}, told.series("otp.verifications"))
	assert.Equal(t, []string{
		"otp.calling_code=+1 otp.channel=whatsapp otp.vendor=otptest: 1",
		"otp.calling_code=+90 otp.channel=sms otp.vendor=otptest: 1",
		"otp.calling_code=+90 otp.channel=voice otp.vendor=otptest: 1", // perhaps
	}, told.series("otp.codes.sent"))
	assert.Equal(t, []string{"otp.calling_code=+90 otp.channel=voice otp.vendor=otptest: 1"}, told.series("otp.codes.verified"))
	assert.Equal(t, []string{
		"otp.operation=send otp.outcome=accepted otp.vendor=otptest: 2",
		"otp.operation=send otp.outcome=not_sent otp.vendor=otptest: 2",
		"otp.operation=send otp.outcome=unknown otp.vendor=otptest: 1",
		"otp.operation=verify otp.outcome=accepted otp.vendor=otptest: 3",
		"otp.operation=verify otp.outcome=not_sent otp.vendor=otptest: 1",
	}, told.series("otp.call.duration"))
}

func TestTheCallingCodeOfANumber(t *testing.T) {
	for to, want := range map[string]string{
		"+14155550123":     "+1",
		"+18765550123":     "+1", // Jamaica shares the plan of North America
		"+79161234567":     "+7",
		"+201001234567":    "+20",
		"+212612345678":    "+212",
		"+33612345678":     "+33",
		"+351912345678":    "+351",
		"+905321234567":    "+90",
		"+989121234567":    "+98",
		"+996555123456":    "+996",
		"+1":               "unknown",
		"+05321234567":     "unknown",
		"905321234567":     "unknown",
		"+9o5321234567":    "unknown",
		"+9 0 5321234567":  "unknown",
		"":                 "unknown",
		"five three two":   "unknown",
		"+٩٠٥٣٢١٢٣٤٥٦٧":    "unknown",
		number + "\n+3361": "+90",
	} {
		watched, told := watch(t, fake{name: "main", vendor: "kaleyra"})
		_, err := watched.Send(t.Context(), otp.SendRequest{To: to})
		require.NoError(t, err)
		assert.Equal(t, []string{"otp.calling_code=" + want + " otp.channel=sms otp.vendor=kaleyra: 1"}, told.series("otp.codes.sent"), to)
	}
}

func TestAChannelOfTheProvidersOwnIsTold(t *testing.T) {
	watched, told := watch(t, fake{
		name: "main", channels: map[otp.Channel]otp.Features{"pigeon": {}},
		send: func(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
			return otp.Verification{Provider: "main", Channel: req.Channel}, nil
		},
	})
	_, err := watched.Send(t.Context(), otp.SendRequest{To: number, Channel: "pigeon"})
	require.NoError(t, err)
	assert.Equal(t, []string{"otp.channel=pigeon otp.outcome=accepted otp.vendor=unknown: 1"}, told.series("otp.sends"))
}

var declaredKind = regexp.MustCompile(`(?m)^(?:\t|const )Err\w+ Kind = "(\w+)"$`)

func TestEveryKindOfTheContractIsTold(t *testing.T) {
	source, err := os.ReadFile("../kind.go")
	require.NoError(t, err)
	kinds := declaredKind.FindAllSubmatch(source, -1)
	require.Greater(t, len(kinds), 15)
	for _, kind := range kinds {
		watched, told := watch(t, failing("main", "kaleyra", &otp.Error{Kind: otp.Kind(kind[1])}))
		require.Error(t, watched.Verify(t.Context(), otp.Verification{Provider: "main"}, "123456"))
		assert.Equal(t, []string{"otp.result=" + string(kind[1]) + " otp.vendor=kaleyra: 1"}, told.series("otp.verifications"))
	}
}

func TestACallWhoseContextHasEndedIsCounted(t *testing.T) {
	ctx, cancel := context.WithCancel(t.Context())
	watched, told := watch(t, fake{name: "main", vendor: "kaleyra", verify: func(context.Context, otp.Verification) error {
		cancel()
		return nil
	}})
	require.NoError(t, watched.Verify(ctx, otp.Verification{Provider: "main"}, "123456"))
	assert.Equal(t, []string{"otp.result=verified otp.vendor=kaleyra: 1"}, told.series("otp.verifications"))
}

func TestSecondsAreMeasured(t *testing.T) {
	watched, told := watch(t, fake{name: "main", vendor: "kaleyra"})
	require.NoError(t, watched.Verify(t.Context(), otp.Verification{Provider: "main"}, "123456"))
	for _, m := range told.metrics() {
		if data, ok := m.Data.(metricdata.Histogram[float64]); ok {
			assert.Equal(t, "s", m.Unit)
			assert.Equal(t, 60., data.DataPoints[0].Bounds[len(data.DataPoints[0].Bounds)-1])
			assert.Less(t, data.DataPoints[0].Sum, 1.)
			assert.Greater(t, data.DataPoints[0].Sum, 0.)
		}
	}
}

func TestWrappersShareTheirMetrics(t *testing.T) {
	reader := sdkmetric.NewManualReader()
	meters := sdkmetric.NewMeterProvider(sdkmetric.WithReader(reader))
	for _, name := range []string{"a", "b"} {
		watched, err := otpotel.Wrap(fake{name: name, vendor: "kaleyra"}, otpotel.WithMeterProvider(meters))
		require.NoError(t, err)
		require.NoError(t, watched.Verify(t.Context(), otp.Verification{Provider: name}, "123456"))
	}
	told := telemetry{t: t, reader: reader}
	assert.Equal(t, []string{"otp.result=verified otp.vendor=kaleyra: 2"}, told.series("otp.verifications"))
}

func TestManyCallsAtOnceAreAllCounted(t *testing.T) {
	const callers, calls = 20, 50
	p := otptest.NewProvider()
	watched, told := watch(t, p)
	var wait sync.WaitGroup
	for i := range callers {
		wait.Go(func() {
			for n := range calls {
				to := fmt.Sprintf("+%d5550%04d", 31+i, n)
				v, err := watched.Send(t.Context(), otp.SendRequest{To: to})
				assert.NoError(t, err)
				code, _ := p.Code(to)
				assert.NoError(t, watched.Verify(t.Context(), v, code))
			}
		})
	}
	wait.Wait()
	assert.Equal(t, []string{"otp.channel=sms otp.outcome=accepted otp.vendor=otptest: 1000"}, told.series("otp.sends"))
	assert.Equal(t, []string{"otp.result=verified otp.vendor=otptest: 1000"}, told.series("otp.verifications"))
	assert.Len(t, told.spans.GetSpans(), 2*callers*calls)
}

// What a guard refuses is charged to no vendor: none was asked.
func TestRefusedSendsAreNoVendors(t *testing.T) {
	g, err := guard.New(otptest.NewProvider())
	require.NoError(t, err)
	watched, told := watch(t, g)
	ctx := guard.WithCaller(t.Context(), guard.Caller{Session: "one"})
	_, err = watched.Send(ctx, otp.SendRequest{To: number})
	require.NoError(t, err)
	_, err = watched.Send(ctx, otp.SendRequest{To: number})
	require.ErrorIs(t, err, otp.ErrRefused)
	assert.Equal(t, []string{
		"error.type=refused otp.channel=sms otp.outcome=not_sent otp.vendor=none: 1",
		"otp.channel=sms otp.outcome=accepted otp.vendor=otptest: 1",
	}, told.series("otp.sends"))
	assert.Len(t, told.series("otp.codes.sent"), 1)
}
