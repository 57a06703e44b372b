package camaratest_test

import (
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/examples/camara/camaratest"
)

// The scenarios of "one-time-password-sms-sendCode.feature" and "…-validateCode.feature" (r3.2), by
// their tags. Every answer carries the correlator of its request.
func TestScenariosOfTheSpecification(t *testing.T) {
	const (
		invalidArgument = "400 INVALID_ARGUMENT"
		unauthenticated = "401 UNAUTHENTICATED"
		expired         = "400 ONE_TIME_PASSWORD_SMS.VERIFICATION_EXPIRED"
		notAllowed      = "403 ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_NOT_ALLOWED"
		landline        = "+902121234567"
		barred          = "+905320000001"
		abroad          = "+14155550123"
	)
	body := func(pairs ...string) func(*caller) string {
		return func(*caller) string {
			var b strings.Builder
			for i := 0; i < len(pairs); i += 2 {
				b.WriteString(`,"` + pairs[i] + `":"` + pairs[i+1] + `"`)
			}
			return "{" + strings.TrimPrefix(b.String(), ",") + "}"
		}
	}
	sends := func(to string) func(*caller) string { return body("phoneNumber", to, "message", message) }
	validates := func(id, code string) string { return body("authenticationId", id, "code", code)(nil) }
	right := func(c *caller) string { id := c.send(phone); return validates(id, c.code()) }
	without := func(name string) func(*caller) { return func(c *caller) { c.header.Del(name) } }
	ofAnExpiredToken := func(c *caller) { c.srv.Clock.Advance(time.Hour) }
	ofNoToken := func(c *caller) { c.header.Set("Authorization", "Bearer nobody") }

	for _, s := range []struct {
		tag, path string
		body      func(*caller) string
		change    func(*caller)
		want      string
	}{
		{"01_send_code_success_scenario", "/send-code", sends(phone), nil, "200"},
		{"02_send_code_success_scenario_without_x-correlator", "/send-code", sends(phone), without("X-Correlator"), "200"},
		{"400.1_send_code_no_request_body", "/send-code", func(*caller) string { return "" }, nil, invalidArgument},
		{"400.2_send_code_empty_request_body", "/send-code", body(), nil, invalidArgument},
		{"400.4_send_code_incorrect_phone_number_request_body", "/send-code", sends("3301"), nil, invalidArgument},
		{"400.5_send_code_missing_message", "/send-code", body("phoneNumber", phone), nil, invalidArgument},
		{"400.6_send_code_missing_code_request_body", "/send-code", body("phoneNumber", phone, "message", "hi"), nil, invalidArgument},
		{"400.7_send_code_message_too_long", "/send-code", body("phoneNumber", phone, "message", message+strings.Repeat("x", 160)), nil, invalidArgument},
		{"401.1_send_code_no_authorization_header", "/send-code", sends(phone), without("Authorization"), unauthenticated},
		{"401.2_send_code_expired_access_token", "/send-code", sends(phone), ofAnExpiredToken, unauthenticated},
		{"401.3_send_code_invalid_access_token", "/send-code", sends(phone), ofNoToken, unauthenticated},
		{"03_send_code_max_otp_code", "/send-code", func(c *caller) string {
			for range c.srv.MaxSend - 1 {
				c.send(phone)
			}
			return sends(phone)(c)
		}, nil, "403 ONE_TIME_PASSWORD_SMS.MAX_OTP_CODES_EXCEEDED"},
		{"04_send_code_phone_number_not_allowed", "/send-code", sends(landline), nil, notAllowed},
		{"05_send_code_phone_number_not_allowed_3", "/send-code", sends(landline), nil, notAllowed},
		{"06_send_code_phone_number_blocked", "/send-code", sends(barred), nil, "403 ONE_TIME_PASSWORD_SMS.PHONE_NUMBER_BLOCKED"},
		{"404.1_send_code_phone_number_not_belong_to_operator", "/send-code", sends(abroad), nil, "404 NOT_FOUND"},

		{"01_validate_code_sucess_scenario", "/validate-code", right, nil, "204"},                                          //nolint:misspell // as it is spelt there
		{"02_validate_code_sucess_scenario_without_x-correlator", "/validate-code", right, without("X-Correlator"), "204"}, //nolint:misspell // as it is spelt there
		{"400.1_validate_code_no_request_body", "/validate-code", func(*caller) string { return "" }, nil, invalidArgument},
		{"400.2_validate_code_empty_request_body", "/validate-code", body(), nil, invalidArgument},
		{"400.3_validate_code_missing_authenticationId", "/validate-code", body("authenticationId", "", "code", "1"), nil, invalidArgument},
		{"400.3_validate_code_missing_code", "/validate-code", body("authenticationId", "1", "code", ""), nil, invalidArgument},
		{"400.4_validate_code_exceed_code_max_length", "/validate-code", func(c *caller) string {
			return validates(c.send(phone), strings.Repeat("x", 28))
		}, nil, invalidArgument},
		{"400.5_validate_code_invalid_otp_scenario", "/validate-code", func(c *caller) string {
			return validates(c.send(phone), "nope")
		}, nil, "400 ONE_TIME_PASSWORD_SMS.INVALID_OTP"},
		{"400.6_validate_code_verification_expired_scenario_1", "/validate-code", func(c *caller) string {
			c.srv.TTL = time.Second
			asked := right(c)
			c.srv.Clock.Advance(time.Second)
			return asked
		}, nil, expired},
		{"400.7_validate_code_verification_expired_scenario_2", "/validate-code", func(c *caller) string {
			first := right(c)
			c.send(phone)
			return first
		}, nil, expired},
		{"400.8_validate_code_verification_expired_scenario_3", "/validate-code", func(c *caller) string {
			id := c.send(phone)
			status, _ := c.validate(id, c.code())
			assert.Equal(t, 204, status)
			return validates(id, c.code())
		}, nil, expired},
		{"400.9_validate_code_verification_failed_scenario", "/validate-code", func(c *caller) string {
			id := c.send(phone)
			for range c.srv.MaxTry - 1 {
				status, answer := c.validate(id, "nope")
				assert.Equal(t, 400, status)
				assert.Contains(t, answer, "INVALID_OTP")
			}
			return validates(id, "nope")
		}, nil, "400 ONE_TIME_PASSWORD_SMS.VERIFICATION_FAILED"},
		{"401.1_validate_code_no_authorization_header", "/validate-code", right, without("Authorization"), unauthenticated},
		{"401.2_validate_code_expired_access_token", "/validate-code", right, ofAnExpiredToken, unauthenticated},
		{"401.3_validate_code_invalid_access_token", "/validate-code", right, ofNoToken, unauthenticated},
		{"404_validate_code_resource_not_found", "/validate-code", func(*caller) string { return validates("unknown", "1") }, nil, "404 NOT_FOUND"},
	} {
		t.Run(s.tag, func(t *testing.T) {
			srv := newServer(t, camaratest.Quirks{})
			srv.NotAllowed, srv.Blocked, srv.Foreign = []string{landline}, []string{barred}, []string{abroad}
			c := newCaller(t, srv)
			asked := s.body(c)
			if s.change != nil {
				s.change(c)
			}
			status, answer, header := c.post(srv.BaseURL+s.path, c.header, asked)
			assert.Equal(t, c.header.Get("X-Correlator"), header.Get("X-Correlator"))
			requireAnswer(t, s.want, status, answer)
		})
	}
}

// requireAnswer wants "200", or "404 NOT_FOUND", which stands for the envelope.
func requireAnswer(t *testing.T, want string, status int, answer string) {
	t.Helper()
	wantStatus, code, isError := strings.Cut(want, " ")
	assert.Equal(t, wantStatus, strconv.Itoa(status), answer)
	if isError {
		assert.Regexp(t, `^\{"status":`+wantStatus+`,"code":"`+regexp.QuoteMeta(code)+`","message":".+"\}$`, answer)
	}
}
