package otp_test

import (
	"errors"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// kinds are all there are, with the text that dashboards and stored records rely on.
var kinds = []struct {
	kind  otp.Kind
	text  string
	words string
	child bool // of ErrCodeRejected
}{
	{kind: otp.ErrInvalidRequest, text: "invalid_request", words: "invalid request"},
	{kind: otp.ErrInvalidRecipient, text: "invalid_recipient", words: "invalid recipient"},
	{kind: otp.ErrUnsupported, text: "unsupported", words: "unsupported"},
	{kind: otp.ErrUnreachable, text: "unreachable", words: "unreachable"},
	{kind: otp.ErrUnauthorized, text: "unauthorized", words: "unauthorized"},
	{kind: otp.ErrMisconfigured, text: "misconfigured", words: "misconfigured"},
	{kind: otp.ErrInsufficientFunds, text: "insufficient_funds", words: "insufficient funds"},
	{kind: otp.ErrRateLimited, text: "rate_limited", words: "rate limited"},
	{kind: otp.ErrUnavailable, text: "unavailable", words: "unavailable"},
	{kind: otp.ErrProtocol, text: "protocol_error", words: "protocol error"},
	{kind: otp.ErrCanceled, text: "canceled", words: "canceled"},
	{kind: otp.ErrRefused, text: "refused", words: "refused"},
	{kind: otp.ErrCodeRejected, text: "code_rejected", words: "code rejected"},
	{kind: otp.ErrWrongCode, text: "wrong_code", words: "wrong code", child: true},
	{kind: otp.ErrExpired, text: "code_expired", words: "code expired", child: true},
	{kind: otp.ErrTooManyAttempts, text: "too_many_attempts", words: "too many attempts", child: true},
	{kind: otp.ErrAlreadyVerified, text: "already_verified", words: "already verified", child: true},
	{kind: otp.ErrNotFound, text: "code_not_found", words: "code not found", child: true},
}

func TestTheTextOfAKindIsStable(t *testing.T) {
	for _, k := range kinds {
		assert.Equal(t, k.text, string(k.kind))
		assert.Equal(t, k.words, k.kind.Error())
	}
	assert.Equal(t, "failed", otp.Kind("").Error())
	assert.Equal(t, "of tomorrow", otp.Kind("of_tomorrow").Error())
}

func TestTheTableOfKindsIsComplete(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "kind.go", nil, 0)
	require.NoError(t, err)
	declared := 0
	ast.Inspect(file, func(n ast.Node) bool {
		if spec, isValue := n.(*ast.ValueSpec); isValue {
			declared += len(spec.Names)
		}
		return true
	})
	assert.Len(t, kinds, declared)
}

func TestAKindIsItselfAndAChildIsARejectedCodeToo(t *testing.T) {
	for _, have := range kinds {
		for _, want := range kinds {
			matches := have.kind == want.kind || have.child && want.kind == otp.ErrCodeRejected
			for name, err := range map[string]error{
				"alone":       have.kind,
				"in an Error": &otp.Error{Kind: have.kind},
				"with a cause": &otp.Error{
					Kind: have.kind, Err: io.ErrUnexpectedEOF,
				},
				"wrapped": fmt.Errorf("while signing in: %w", &otp.Error{Kind: have.kind}),
				"joined":  errors.Join(io.EOF, &otp.Error{Kind: have.kind}),
			} {
				assert.Equal(t, matches, errors.Is(err, want.kind), "%s %s is %s", have.text, name, want.text)
			}
		}
	}
}

func TestFiveKindsAreARejectedCode(t *testing.T) {
	var rejected []otp.Kind
	for _, k := range kinds {
		if k.kind != otp.ErrCodeRejected && errors.Is(k.kind, otp.ErrCodeRejected) {
			rejected = append(rejected, k.kind)
		}
	}
	slices.Sort(rejected)
	assert.Equal(t, []otp.Kind{
		otp.ErrAlreadyVerified, otp.ErrExpired, otp.ErrNotFound, otp.ErrTooManyAttempts, otp.ErrWrongCode,
	}, rejected)
}

func TestAKindIsNoForeignError(t *testing.T) {
	for _, k := range kinds {
		assert.NotErrorIs(t, k.kind, io.EOF)
		assert.NotErrorIs(t, k.kind, errors.New(k.text), "the same text is not the same error")
		assert.False(t, k.kind.Is(nil))
		assert.NotErrorIs(t, k.kind, uncomparable{"a value that == would panic on"})
	}
}

type uncomparable []string

func (u uncomparable) Error() string { return u[0] }
