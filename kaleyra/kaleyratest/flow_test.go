package kaleyratest_test

import (
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/kaleyra/kaleyratest"
)

func TestFlowIsTheDefaultUnlessTold(t *testing.T) {
	a := start(t)
	assert.Regexp(t, uuidV4, a.FlowID)
	a.generate(sendBody)
	a.generate(`{"flow_id":"` + a.FlowID + `","to":{"mobile":"` + phone + `"}}`)
}

func TestFlowWithoutDefault(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{}))
	a.refused(sendBody, e905)
	a.generate(`{"flow_id":"` + a.FlowID + `","to":{"mobile":"` + phone + `"}}`)
}

func TestFlowUnapproved(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{ID: flowID, Default: true, Unapproved: true}))
	assert.Equal(t, flowID, a.FlowID)
	a.refused(sendBody, e905)
	a.refused(`{"flow_id":"`+flowID+`","to":{"mobile":"`+phone+`"}}`, e905)
}

func TestFlowIDOfTheServer(t *testing.T) {
	flow := func(id string) kaleyratest.Flow { return kaleyratest.Flow{ID: id} }
	preset := kaleyratest.Flow{ID: "default", Default: true}
	unapproved := kaleyratest.Flow{ID: "unapproved", Unapproved: true}
	for _, tt := range []struct {
		want  string
		flows []kaleyratest.Flow
	}{
		{"default", []kaleyratest.Flow{flow("a"), preset, flow("b")}},
		{"a", []kaleyratest.Flow{flow("a"), flow("b")}},
		{"b", []kaleyratest.Flow{unapproved, flow("b")}},
		{"unapproved", []kaleyratest.Flow{unapproved}},
	} {
		var opts []kaleyratest.Option
		for _, f := range tt.flows {
			opts = append(opts, withFlow(f))
		}
		assert.Equal(t, tt.want, start(t, opts...).FlowID)
	}
}

func TestSeveralFlows(t *testing.T) {
	a := start(t,
		withFlow(kaleyratest.Flow{ID: "four", Length: 4, Default: true}),
		withFlow(kaleyratest.Flow{ID: "eight", Length: 8}),
	)
	for _, tt := range []struct {
		body, flow string
		length     int
	}{
		{sendBody, "four", 4},
		{`{"flow_id":"four","to":{"mobile":"` + phone + `"}}`, "four", 4},
		{`{"flow_id":"eight","to":{"mobile":"` + phone + `"}}`, "eight", 8},
	} {
		_, got := a.send("POST", a.generatePath(), tt.body)
		m, _ := a.Inbox.Last(phone)
		assert.Equal(t, acceptedBody(m.ID, tt.flow), got)
		assert.Len(t, m.Code, tt.length)
		a.validated(m.ID, m.Code, 200, verifiedBody(m.ID))
	}
}

func TestCodesMayStartWithZero(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{Default: true, Length: 1}))
	seen := map[string]bool{}
	for range 200 {
		_, code := a.generate(sendBody)
		seen[code] = true
	}
	assert.True(t, seen["0"])
	assert.Len(t, seen, 10)
}

func TestAlphanumericFlow(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{Default: true, Alphanumeric: true, Length: 40}))
	id, code := a.generate(sendBody)
	assert.Regexp(t, regexp.MustCompile(`^[0-9A-Z]{40}$`), code)
	assert.NotRegexp(t, `^[0-9]+$`, code)
	a.validated(id, strings.ToLower(code), 400, e912)
	a.validated(id, code[:39]+"!", 400, e803)
	a.validated(id, code[:39], 400, e903)
	a.validated(id, strings.Repeat("a", 40), 400, e912)
	a.validated(id, code, 200, verifiedBody(id))
}

func TestChannels(t *testing.T) {
	const both = `{"to":{"mobile":"` + phone + `","email":"` + address + `"}}`
	for _, tt := range []struct {
		name, body string
		channels   []string
		want       []string // channel and recipient
	}{
		{"none is SMS", both, nil, []string{"sms " + phone}},
		{"voice", both, []string{"voice"}, []string{"voice " + phone}},
		{"all three, in order", both, []string{"voice", "email", "sms"}, []string{"voice " + phone, "email " + address, "sms " + phone}},
		{"email alone", both, []string{"email"}, []string{"email " + address}},
		{"email skipped", sendBody, []string{"sms", "email"}, []string{"sms " + phone}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t, withFlow(kaleyratest.Flow{Default: true, Channels: tt.channels}))
			resp, got := a.send("POST", a.generatePath(), tt.body)
			require.Equal(t, 200, resp.StatusCode, got)
			var sent []string
			all := a.Inbox.All()
			for _, m := range all {
				sent = append(sent, m.Channel+" "+m.To)
				assert.Equal(t, all[0].Code, m.Code)
				assert.Equal(t, all[0].ID, m.ID)
				code, ok := a.Code(m.To)
				assert.True(t, ok)
				assert.Equal(t, m.Code, code)
			}
			assert.Equal(t, tt.want, sent)
			a.validated(all[0].ID, all[0].Code, 200, verifiedBody(all[0].ID))
		})
	}
}

func TestFlowsAreCopied(t *testing.T) {
	f := kaleyratest.Flow{Default: true, Channels: []string{"voice"}}
	option := withFlow(f)
	a, b := start(t, option), start(t, option)
	f.Channels[0] = "email"
	a.generate(sendBody)
	b.generate(sendBody)
	assert.NotEqual(t, a.FlowID, b.FlowID)
}

func TestFlowLifetimeIsInTheMessage(t *testing.T) {
	a := start(t, withFlow(kaleyratest.Flow{Default: true, Lifetime: time.Hour}))
	a.generate(sendBody)
	m, _ := a.Inbox.Last(phone)
	assert.Equal(t, noon.Add(time.Hour), m.ExpiresAt)
}
