package otphttp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/http"
	"net/http/httptest"
	"os"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otphttp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// kinds are all constants of type otp.Kind, as the source has them.
func kinds(t *testing.T) map[string]otp.Kind {
	t.Helper()
	file, err := parser.ParseFile(token.NewFileSet(), "../kind.go", nil, 0)
	require.NoError(t, err)
	found := map[string]otp.Kind{}
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, ok := n.(*ast.ValueSpec); ok && strings.HasPrefix(spec.Names[0].Name, "Err") {
			value, err := strconv.Unquote(spec.Values[0].(*ast.BasicLit).Value)
			require.NoError(t, err)
			found["otp."+spec.Names[0].Name] = otp.Kind(value)
		}
		return true
	})
	require.Greater(t, len(found), 15)
	return found
}

var statuses = map[otp.Kind]int{
	otp.ErrInvalidRequest: 500, otp.ErrInvalidRecipient: 400, otp.ErrUnsupported: 500, otp.ErrUnreachable: 422,
	otp.ErrUnauthorized: 503, otp.ErrMisconfigured: 503, otp.ErrInsufficientFunds: 503,
	otp.ErrRateLimited: 429, otp.ErrUnavailable: 503, otp.ErrProtocol: 503, otp.ErrCanceled: 499, otp.ErrRefused: 403,
	otp.ErrCodeRejected: 400, otp.ErrWrongCode: 400, otp.ErrExpired: 400, otp.ErrTooManyAttempts: 429,
	otp.ErrAlreadyVerified: 400, otp.ErrNotFound: 400,
}

func problemOf(t *testing.T, err error) (map[string]any, http.Header) {
	t.Helper()
	w := httptest.NewRecorder()
	otphttp.WriteProblem(w, httptest.NewRequestWithContext(t.Context(), "POST", "/", nil), err)
	assert.Equal(t, otphttp.Status(err), w.Code)
	assert.Equal(t, "application/problem+json", w.Header().Get("Content-Type"))
	var p map[string]any
	require.NoError(t, json.Unmarshal(w.Body.Bytes(), &p))
	assert.EqualValues(t, w.Code, p["status"])
	return p, w.Header()
}

// A kind without a status, a problem or words fails here.
func TestEveryKindOutcomeAndStage(t *testing.T) {
	failed := otphttp.English()
	for name, kind := range kinds(t) {
		for _, outcome := range []otp.Outcome{otp.OutcomeUnknown, otp.OutcomeNotSent, otp.OutcomeAccepted} {
			for _, stage := range []string{"send", "verify"} {
				err := &otp.Error{Op: stage, Kind: kind, Outcome: outcome}
				require.Contains(t, statuses, kind, name)
				assert.Equal(t, statuses[kind], otphttp.Status(err), name)
				p, _ := problemOf(t, fmt.Errorf("wrapped: %w", err))
				assert.Equal(t, string(kind), p["kind"])
				assert.Equal(t, outcome.String(), p["outcome"])
				assert.Equal(t, kind.Error(), p["title"])
				assert.True(t, strings.HasSuffix(p["type"].(string), "/docs/errors.md#"+string(kind)))
				assert.NotEmpty(t, p["detail"], "%s at %s has no words", name, stage)
				if rejected := errors.Is(kind, otp.ErrCodeRejected); stage == "verify" {
					assert.Equal(t, rejected, p["detail"] != failed["verify.failed"] && statuses[kind] != 403 && kind != otp.ErrRateLimited,
						"%s: only a judged code is called wrong", name)
				}
				if kind.Is(otp.ErrCodeRejected) || kind == otp.ErrUnavailable {
					assert.Equal(t, true, p["can_resend"], name)
				}
			}
		}
	}
}

// Every page answers each failure of each stage with words, and has no contradiction.
func TestEveryFailureHasAPage(t *testing.T) {
	synctest.Test(t, everyFailureHasAPage)
}

func everyFailureHasAPage(t *testing.T) {
	for name, kind := range kinds(t) {
		for _, outcome := range []otp.Outcome{otp.OutcomeUnknown, otp.OutcomeNotSent, otp.OutcomeAccepted} {
			failure := otp.Error{Kind: kind, Outcome: outcome}
			p := otptest.NewProvider()
			cfg := config()
			cfg.ResendAfter = time.Second
			b := open(t, handlerOf(t, p, cfg))

			p.FailSend(failure)
			b.send(somebody)
			if outcome == otp.OutcomeNotSent {
				b.sees(statuses[kind], "number|", "type:false")
				b.send(somebody)
			}
			b.sees(200, "code|")
			assert.Contains(t, b.Body.String(), "||", "%s: no error beside a code that may be on its way", name)

			b.verify(mistyped(codeOf(t, p, somebody)))
			b.sees(400, "That is not the code.")
			p.FailVerify(failure)
			b.verify("123456")
			b.sees(statuses[kind], "code|", "|Send again|")
			parts := strings.Split(b.Body.String(), "|")
			assert.NotEmpty(t, parts[2], name)
			if strings.Contains(parts[2], "Ask for a new one") {
				assert.Contains(t, b.Body.String(), "type:false", name)
			}

			time.Sleep(time.Second)
			p.FailSend(failure)
			b.post("resend")
			if outcome == otp.OutcomeNotSent { // the code that is there can still be typed
				b.sees(statuses[kind], "code|", "type:true")
				assert.NotEmpty(t, strings.Split(b.Body.String(), "|")[2], name)
			} else {
				b.sees(200, "code|"+somebody+"||")
			}
		}
	}
}

func TestAnOutageOfTheStoreIsNobodysDecision(t *testing.T) {
	down := &otp.Error{Kind: otp.ErrUnavailable, Outcome: otp.OutcomeNotSent, Err: &guard.Refusal{Rule: guard.RuleStore, Err: errors.New("redis")}}
	assert.Equal(t, 503, otphttp.Status(down))
	p, _ := problemOf(t, down)
	assert.NotContains(t, fmt.Sprint(p), "redis")
}

func TestStatusOfOtherErrors(t *testing.T) {
	for want, errs := range map[int][]error{
		200: {nil},
		403: {otp.ErrRefused, &otp.Error{Kind: otp.ErrRefused}},
		413: {&http.MaxBytesError{Limit: 1}},
		429: {
			otp.ErrRateLimited, &otp.Error{Kind: otp.ErrRefused, RetryAfter: 1},
			&otp.Error{Kind: otp.ErrRefused, Err: &guard.Refusal{RetryAfter: time.Second}},
		},
		499: {context.Canceled, fmt.Errorf("x: %w", context.Canceled)},
		500: {errors.New("x"), &otp.Error{Kind: "new_one"}, new(otp.Error), (*otp.Error)(nil)},
		503: {context.DeadlineExceeded, errors.Join(&otp.Error{Kind: otp.ErrUnavailable}, &otp.Error{Kind: otp.ErrInvalidRecipient})},
	} {
		for _, err := range errs {
			assert.Equal(t, want, otphttp.Status(err), "%v", err)
		}
	}
}

func TestMembersOfAProblem(t *testing.T) {
	left := 2
	p, head := problemOf(t, &otp.Error{Op: "verify", Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted, AttemptsLeft: &left})
	assert.EqualValues(t, 2, p["attempts_left"])
	assert.Equal(t, "That is not the code. Attempts left: 2.", p["detail"])
	assert.Equal(t, "accepted", p["outcome"])
	assert.Empty(t, head.Get("Retry-After"))
	assert.NotContains(t, p, "retry_after")

	left = 0
	p, _ = problemOf(t, &otp.Error{Op: "verify", Kind: otp.ErrWrongCode, Outcome: otp.OutcomeAccepted, AttemptsLeft: &left})
	assert.Equal(t, "Too many codes were tried. Ask for a new one.", p["detail"])

	p, head = problemOf(t, &otp.Error{Op: "send", Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: 61001 * time.Millisecond})
	assert.EqualValues(t, 62, p["retry_after"])
	assert.Equal(t, "62", head.Get("Retry-After"))
	assert.Equal(t, "no-store", head.Get("Cache-Control"))
	assert.Equal(t, "There were too many requests. Try again in 62 s.", p["detail"])

	p, _ = problemOf(t, &otp.Error{Op: "send", Kind: otp.ErrRefused, Err: &guard.Refusal{Rule: guard.RuleNumber, Challenge: 2, RetryAfter: time.Hour}})
	assert.EqualValues(t, 2, p["challenge"])
	assert.Contains(t, p["detail"], "not a robot")
}

func TestProblemsHoldNoSecrets(t *testing.T) {
	const secret = "CANARY"
	w := httptest.NewRecorder()
	otphttp.WriteProblem(w, nil, &otp.Error{
		Provider: secret, Op: secret, Kind: otp.ErrProtocol, Field: secret, Code: secret, Message: secret, Err: errors.New(secret),
	})
	assert.NotContains(t, w.Body.String()+fmt.Sprint(w.Header()), secret)
	w = httptest.NewRecorder()
	otphttp.WriteProblem(w, nil, errors.New(secret))
	assert.NotContains(t, w.Body.String(), secret)
	w = httptest.NewRecorder()
	otphttp.WriteProblem(w, nil, nil)
	assert.Empty(t, w.Body.String())
}

// todo is what docs/errors.md says about each kind.
var todo = map[otp.Kind][2]string{
	otp.ErrInvalidRecipient:  {"the person's", "ask for the number again"},
	otp.ErrInvalidRequest:    {"the program's", "mend the field that `Error.Field` names"},
	otp.ErrUnsupported:       {"the program's", "this provider cannot do it, another one may: see `Error.Field`"},
	otp.ErrUnreachable:       {"nobody's", "ask for another number or channel: not on WhatsApp, a country that is not served"},
	otp.ErrUnauthorized:      {"the account's", "alert an operator: the key is refused"},
	otp.ErrMisconfigured:     {"the account's", "alert an operator: a base URL, a template, a name"},
	otp.ErrInsufficientFunds: {"the account's", "alert an operator: top up"},
	otp.ErrRateLimited:       {"nobody's", "come back after `Error.RetryAfter`; show a countdown"},
	otp.ErrRefused:           {"a guard's decision", "do not ask another vendor; see [abuse](abuse.md). With a `RetryAfter` the status is 429"},
	otp.ErrUnavailable:       {"the vendor's, or a store's", "try again later; never say that a code was wrong"},
	otp.ErrProtocol:          {"the vendor's, or ours", "report it, with `HTTPStatus` and `Code`"},
	otp.ErrCanceled:          {"the caller's", "nothing"},
	otp.ErrCodeRejected:      {"the person's", "let the person try again, or offer a new code"},
	otp.ErrWrongCode:         {"the person's", "let the person try again; `Error.AttemptsLeft` where it is known"},
	otp.ErrExpired:           {"–", "offer a new code"},
	otp.ErrNotFound:          {"–", "offer a new code"},
	otp.ErrAlreadyVerified:   {"–", "offer a new code"},
	otp.ErrTooManyAttempts:   {"–", "offer a new code, after a while"},
}

// order is that of the table.
var order = []otp.Kind{
	otp.ErrInvalidRecipient, otp.ErrInvalidRequest, otp.ErrUnsupported, otp.ErrUnreachable, otp.ErrUnauthorized, otp.ErrMisconfigured,
	otp.ErrInsufficientFunds, otp.ErrRateLimited, otp.ErrRefused, otp.ErrUnavailable, otp.ErrProtocol, otp.ErrCanceled,
	otp.ErrCodeRejected, otp.ErrWrongCode, otp.ErrExpired, otp.ErrNotFound, otp.ErrAlreadyVerified, otp.ErrTooManyAttempts,
}

func TestTheDocumentedTable(t *testing.T) {
	names := map[otp.Kind]string{}
	for name, kind := range kinds(t) {
		names[kind] = name
		require.Contains(t, order, kind)
	}
	var b strings.Builder
	b.WriteString("| kind | whose fault | what to do | HTTP status |\n| --- | --- | --- | --- |\n")
	for _, kind := range order {
		fmt.Fprintf(&b, "| <a id=%q></a>`%s` | %s | %s | %d |\n", string(kind), names[kind], todo[kind][0], todo[kind][1],
			otphttp.Status(&otp.Error{Kind: kind}))
	}
	const path, from, to = "../../docs/errors.md", "<!-- kinds: written by go test ./otp/otphttp -update -->\n\n", "\n<!-- end of kinds -->"
	text, err := os.ReadFile(path)
	require.NoError(t, err)
	before, rest, found := strings.Cut(string(text), from)
	require.True(t, found)
	_, after, found := strings.Cut(rest, to)
	require.True(t, found)
	want := before + from + b.String() + to + after
	if *update {
		require.NoError(t, os.WriteFile(path, []byte(want), 0o600))
		return
	}
	assert.Equal(t, want, string(text), "go test ./otp/otphttp -update writes it")
}
