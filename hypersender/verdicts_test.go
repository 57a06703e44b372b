package hypersender_test

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender"
	"github.com/otp-sdk/otp-go/otp"
)

const (
	uuid      = "a0b5df6a-b491-4190-80a5-38d85a2a4836" // of the vendor's samples
	otherUUID = "00000000-b491-4190-80a5-38d85a2a4836"
)

// about is a success of a validation that says what it is about.
func about(uuid, chat string) string {
	return fmt.Sprintf(`{"success":true,"data":{"uuid":%q,"chat_id":%q,"status":"validated"}}`, uuid, chat)
}

func TestTheUUIDDecidesWhereBothKnowIt(t *testing.T) {
	lost := verification()
	lost.ID = otp.RandomID(true)
	for _, test := range []struct {
		v      otp.Verification
		answer string
		right  bool
	}{
		{verification(), about(uuid, chat), true},
		{verification(), about(strings.ToUpper(uuid), "999999999@lid"), true},
		{verification(), about(otherUUID, chat), false},
		{verification(), about("", chat), true},
		{verification(), about("", "14155550123@c.us"), false},
		{lost, about(otherUUID, chat), true},
		{lost, about(otherUUID, "14155550123@c.us"), false},
		{lost, about(otherUUID, ""), true},
		{verification(), `{"success":true,"data":{"uuid":12,"chat_id":"` + chat + `","status":"validated"}}`, false},
		{lost, `{"success":true,"data":{"chat_id":14155550123,"status":"validated"}}`, false},
		{lost, `{"success":true,"data":{"chat_id":null,"status":"validated"}}`, true},
	} {
		err := client(t, answering(200, test.answer)).Verify(t.Context(), test.v, secret)
		if test.right {
			require.NoError(t, err, test.answer)
			continue
		}
		require.ErrorIs(t, err, otp.ErrProtocol, test.answer)
		assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err))
	}
}

func TestChatsAreComparedByTheirNumber(t *testing.T) {
	for _, test := range []struct {
		asked, answered string
		same            bool
	}{
		{chat, "20123456789@s.whatsapp.net", true},
		{chat, "20123456789@C.US", true},
		{chat, "+20123456789", true},
		{chat, "20123456780@c.us", false},
		{chat, "0123456789@c.us", false},
		{chat, "20123456789@g.us", false},
		{chat, "20123456789@lid", false},
		{chat, "@c.us", false},
		{chat, "somebody", false},
		{"somebody", "somebody", true},
		{"43123456789012@lid", "43123456789012@lid", true},
		{"43123456789012@lid", "43123456789012@c.us", false},
		{"120363000000000000@g.us", "120363000000000000@g.us", true},

		{"5511987654321@c.us", "551187654321@c.us", true},      // Brazil, with and without its ninth digit
		{"551187654321@c.us", "5511987654321@c.us", true},      // and the other way
		{"5511987654321@c.us", "551197654321@c.us", false},     // another digit
		{"5511932654321@c.us", "551132654321@c.us", false},     // a landline
		{"5511987654321@c.us", "552187654321@c.us", false},     // another area
		{"525639691841@c.us", "5215639691841@c.us", true},      // Mexico
		{"541158749895@c.us", "5491158749895@c.us", true},      // Argentina
		{"441987654321@c.us", "4419987654321@c.us", false},     // elsewhere a digit more is another number
		{"55119876543210@c.us", "5511987654321@c.us", false},   // one too many
		{"5511987654321@c.us", "551187654321@g.us", false},     // a group
		{"15511987654321@c.us", "1551187654321@c.us", false},   // not Brazil
		{"5511987654321@c.us", "551187654321@lid", false},      // no number
		{"5511987654321@c.us", "+551187654321", true},          // without a host
		{"5511987654321@c.us", "551187654321@example", false},  // at an unknown host
		{"5511987654321@c.us", "5511987654321 @c.us", false},   // with space
		{"5511987654321@c.us", "551187654321@c.us@lid", false}, // with two hosts
	} {
		req := hypersender.ValidateCodeRequest{ChatID: test.asked, Code: secret}
		_, err := client(t, answering(200, about(uuid, test.answered))).ValidateCode(t.Context(), req)
		assert.Equal(t, test.same, err == nil, "%s, %s", test.asked, test.answered)
	}
}

func TestAnySignOfSuccessMeansUnknown(t *testing.T) {
	for _, body := range []string{
		requested, linked, validated, `{"success":true}`, `{"success":"True"}`, `{"success":1,"message":"x"}`, `{"success":true,"message":"Invalid OTP code"}`,
		strings.Replace(requested, "true", "false", 1),
		strings.Replace(validated, "true", "false", 1),
		`{"message":"Too Many Attempts.","data":{"uuid":"` + uuid + `","status":"validated"}}`,
		`{"message":"The number is not on whatsapp.","data":{"uuid":"` + uuid + `","status":"validated"}}`,
		`{"message":"Unauthenticated.","data":{"code":"439713","status":"validated"}}`,
	} {
		for _, status := range []int{400, 401, 403, 404, 422, 429} {
			wire := answering(status, body)
			c := client(t, wire, otp.WithRetry(otp.RetryPolicy{MinWait: 1, MaxWait: 1}))
			v, err := c.Send(t.Context(), otp.SendRequest{To: phone})
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), "%d %s", status, body)
			assert.True(t, v.CanVerify())
			assert.Equal(t, strings.Contains(body, uuid), v.ID == uuid, "the reference is kept: %s", body)
			_, err = c.GenerateLink(t.Context(), hypersender.GenerateLinkRequest{ChatID: chat})
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), "%d %s", status, body)
			assert.Len(t, wire.requests, 2, "%d %s", status, body)
			if strings.Contains(body, `"status":"pending"`) && !strings.Contains(body, `"success":true`) {
				continue // the sign of a send alone
			}
			err = c.Verify(t.Context(), verification(), secret)
			assert.Equal(t, otp.OutcomeUnknown, otp.OutcomeOf(err), "%d %s", status, body)
			require.NotErrorIs(t, err, otp.ErrCodeRejected, "%d %s", status, body)
			assert.Len(t, wire.requests, 3, "%d %s", status, body)
		}
	}
}

func TestALifetimeCountsFromOurClock(t *testing.T) {
	for dates, want := range map[string]time.Duration{
		`"created_at":"2025-12-29T17:39:38+00:00","expires_at":"2025-12-29T17:49:38+00:00"`: 10 * time.Minute,
		`"created_at":"2025-12-29T17:39:38+05:30","expires_at":"2025-12-29T12:19:38Z"`:      10 * time.Minute,
		`"created_at":"2025-12-29T17:39:38+24:00","expires_at":"2025-12-29T17:49:38+24:00"`: 10 * time.Minute,
		`"created_at":"2025-12-29T17:39:38Z","expires_at":"2025-12-29T17:39:38Z"`:           2 * time.Minute,
		`"created_at":"2025-12-29T17:39:38Z","expires_at":"2024-12-29T17:39:38Z"`:           2 * time.Minute,
		`"created_at":"2025-12-29T17:39:38Z","expires_at":"2026-12-29T17:39:38Z"`:           2 * time.Minute,
		`"created_at":"2025-12-29T17:39:38Z"`:                                               2 * time.Minute,
		`"expires_at":"2025-12-29T17:39:38Z"`:                                               2 * time.Minute,
		`"expires_at":"9999-12-31T23:59:59-01:00"`:                                          2 * time.Minute,
	} {
		body := `{"success":true,"data":{"uuid":"` + uuid + `",` + dates + `}}`
		v, err := client(t, answering(200, body)).Send(t.Context(), otp.SendRequest{To: phone, TTL: 2 * time.Minute})
		require.NoError(t, err)
		assert.Equal(t, want, v.ExpiresAt.Sub(v.SentAt), dates)
		assert.Equal(t, time.UTC, v.ExpiresAt.Location())
	}
}

// huge has answers that go on and on, each just below the longest that is read.
func huge() map[string]string {
	const n = 100_000
	var fields strings.Builder
	for i := range n / 2 {
		fmt.Fprintf(&fields, `,"f%d":["x"]`, i)
	}
	return map[string]string{
		"fields":      `{"message":"Invalid.","errors":{"first":["1@"]` + fields.String() + `}}`,
		"texts":       `{"message":"Invalid.","errors":{"first":["1@"` + strings.Repeat(`,"1@c.us"`, n) + `]}}`,
		"a list":      `{"message":"Invalid.","errors":["1@"` + strings.Repeat(`,"x"`, 2*n) + `]}`,
		"nested":      `{"message":"Invalid.","errors":{"first":` + strings.Repeat("[", 9000) + strings.Repeat("]", 9000) + `}}`,
		"a text":      `{"message":"` + strings.Repeat("20123456789 code ", 60_000) + `"}`,
		"many digits": `{"message":"No: ` + strings.Repeat("1", 1_000_000) + `"}`,
		"many names":  `{"message":"Invalid."` + fields.String() + `}`,
	}
}

func TestWhatIsKeptOfAnAnswerIsBounded(t *testing.T) {
	for name, body := range huge() {
		require.Less(t, len(body), 1<<20)
		for op, operation := range operations {
			err := operation.call(t.Context(), client(t, answering(422, body)))
			require.Error(t, err)
			var apiError *hypersender.APIError
			assert.Less(t, len(err.Error()), 1000, "%s %s", op, name)
			if name == "many names" {
				continue // which of them counts is not searched for
			}
			require.ErrorAs(t, err, &apiError, "%s %s", op, name)
			assert.LessOrEqual(t, len(apiError.Errors), 100, "%s %s", op, name)
			assert.Less(t, len(apiError.Error()), 2000, "%s %s", op, name)
		}
	}
	_, err := client(t, answering(422, huge()["fields"])).Send(t.Context(), otp.SendRequest{To: phone})
	var apiError *hypersender.APIError
	require.ErrorAs(t, err, &apiError)
	assert.EqualError(t, apiError, `HTTP 422: "Invalid.": "[redacted]@" (first): "x" (f0): "x" (f1), and 97 more`)
}

// A call must not cost more than its deadline, however much the vendor answers.
func BenchmarkHugeAnswer(b *testing.B) {
	for name, body := range huge() {
		b.Run(name, func(b *testing.B) {
			c := client(b, answering(422, body))
			for b.Loop() {
				_ = c.Verify(b.Context(), verification(), secret)
			}
		})
	}
}

func TestGuessIsRefundedForTheChatAlone(t *testing.T) {
	for body, want := range map[string]otp.Outcome{
		`{"errors":{"chatId":["bad"]}}`:                                   otp.OutcomeNotSent,
		`{"errors":{"chatId":["bad"],"jid":"1@c.us"}}`:                    otp.OutcomeNotSent,
		`{"message":"invalid","errors":{"chatId":["bad"],"otp":["bad"]}}`: otp.OutcomeUnknown,
		`{"errors":{"otp":["bad"]}}`:                                      otp.OutcomeUnknown,
	} {
		err := client(t, answering(422, body)).Verify(t.Context(), verification(), secret)
		assert.ErrorIs(t, err, otp.ErrInvalidRequest, body)
		assert.Equal(t, want, otp.OutcomeOf(err), body)
	}
}
