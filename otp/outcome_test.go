package otp_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
	"pgregory.net/rapid"

	"github.com/otp-sdk/otp-go/otp"
)

// box is a wrapper of somebody else's; its Unwrap may return nil.
type box struct{ inner error }

func (box) Error() string   { return "box" }
func (b box) Unwrap() error { return b.inner }

// crate wraps several errors, or none.
type crate struct{ inner []error }

func (crate) Error() string     { return "crate" }
func (c crate) Unwrap() []error { return c.inner }

func with(o otp.Outcome) *otp.Error { return &otp.Error{Kind: otp.ErrUnavailable, Outcome: o} }

func TestOutcomeOf(t *testing.T) {
	notSent, accepted, unknown := with(otp.OutcomeNotSent), with(otp.OutcomeAccepted), with(otp.OutcomeUnknown)
	plain := errors.New("plain")
	cases := []struct {
		name string
		err  error
		want otp.Outcome
	}{
		{"no error is accepted", nil, otp.OutcomeAccepted},

		{"an Error says it: not sent", notSent, otp.OutcomeNotSent},
		{"an Error says it: accepted", accepted, otp.OutcomeAccepted},
		{"an Error says it: unknown", unknown, otp.OutcomeUnknown},
		{"an Error that says nothing is unknown", &otp.Error{}, otp.OutcomeUnknown},
		{"a nil *Error in an error is unknown", (*otp.Error)(nil), otp.OutcomeUnknown},
		{"a wrapped nil *Error is unknown", fmt.Errorf("w: %w", (*otp.Error)(nil)), otp.OutcomeUnknown},

		{"a plain error is unknown", plain, otp.OutcomeUnknown},
		{"a kind alone is unknown", otp.ErrRateLimited, otp.OutcomeUnknown},
		{"a wrapped kind is unknown", fmt.Errorf("w: %w", otp.ErrInvalidRecipient), otp.OutcomeUnknown},
		{"a context's error is unknown", context.Canceled, otp.OutcomeUnknown},

		{"wrapping changes nothing", fmt.Errorf("w: %w", notSent), otp.OutcomeNotSent},
		{"wrapping often changes nothing", fmt.Errorf("w: %w", box{fmt.Errorf("w: %w", accepted)}), otp.OutcomeAccepted},
		{"text alone is no wrapping", fmt.Errorf("w: %v", notSent), otp.OutcomeUnknown}, //nolint:errorlint // that is the point
		{"an empty wrapper is unknown", box{}, otp.OutcomeUnknown},
		{"a wrapper of several that holds none is unknown", crate{}, otp.OutcomeUnknown},
		{"a wrapper of several that holds nil is unknown", crate{[]error{notSent, nil}}, otp.OutcomeUnknown},

		{"joined alone", errors.Join(notSent), otp.OutcomeNotSent},
		{"joined, all not sent", errors.Join(notSent, fmt.Errorf("w: %w", notSent)), otp.OutcomeNotSent},
		{"joined, all accepted", errors.Join(accepted, accepted), otp.OutcomeAccepted},
		{"joined, accepted is less certain than not sent", errors.Join(notSent, accepted), otp.OutcomeAccepted},
		{"joined, the order does not matter", errors.Join(accepted, notSent), otp.OutcomeAccepted},
		{"joined, unknown first", errors.Join(unknown, notSent), otp.OutcomeUnknown},
		{"joined, unknown last", errors.Join(notSent, unknown), otp.OutcomeUnknown},
		{"joined, unknown beats accepted", errors.Join(accepted, unknown), otp.OutcomeUnknown},
		{"joined with a plain error", errors.Join(notSent, plain), otp.OutcomeUnknown},
		{"joined with a plain error first", errors.Join(plain, accepted), otp.OutcomeUnknown},
		{"joined with a kind", errors.Join(notSent, otp.ErrRateLimited), otp.OutcomeUnknown},
		{"joined with nil, which Join drops", errors.Join(nil, notSent), otp.OutcomeNotSent},
		{"joined by Errorf", fmt.Errorf("%w, then %w", notSent, accepted), otp.OutcomeAccepted},
		{"joined by Errorf with a plain error", fmt.Errorf("%w: %w", notSent, io.EOF), otp.OutcomeUnknown},
		{"joined in a wrapper", box{errors.Join(notSent, box{}, accepted)}, otp.OutcomeUnknown},

		{
			"the outermost Error decides, though it is more certain",
			&otp.Error{Outcome: otp.OutcomeNotSent, Err: unknown}, otp.OutcomeNotSent,
		},
		{
			"the outermost Error decides, though it is less certain",
			&otp.Error{Outcome: otp.OutcomeUnknown, Err: notSent}, otp.OutcomeUnknown,
		},
		{
			"the outermost Error decides over what is joined in it",
			box{&otp.Error{Outcome: otp.OutcomeAccepted, Err: errors.Join(notSent, plain)}},
			otp.OutcomeAccepted,
		},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) { assert.Equal(t, c.want, otp.OutcomeOf(c.err)) })
	}
}

func TestTheZeroOutcomeIsUnknown(t *testing.T) {
	var zero otp.Outcome
	assert.Equal(t, otp.OutcomeUnknown, zero)
}

func TestOutcomesHaveNames(t *testing.T) {
	assert.Equal(t, "unknown", otp.OutcomeUnknown.String())
	assert.Equal(t, "not sent", otp.OutcomeNotSent.String())
	assert.Equal(t, "accepted", otp.OutcomeAccepted.String())
	assert.Equal(t, "unknown", otp.Outcome(42).String())
	assert.Equal(t, "unknown", otp.Outcome(-1).String())
}

func TestOutcomesSurviveText(t *testing.T) {
	for _, o := range []otp.Outcome{otp.OutcomeUnknown, otp.OutcomeNotSent, otp.OutcomeAccepted} {
		written, err := json.Marshal(map[string]otp.Outcome{"outcome": o})
		require.NoError(t, err)
		assert.JSONEq(t, `{"outcome": "`+o.String()+`"}`, string(written))
		var read map[string]otp.Outcome
		require.NoError(t, json.Unmarshal(written, &read))
		assert.Equal(t, o, read["outcome"])
	}
	for _, text := range []string{"", "Not sent", "not_sent", "1", "accepted\n"} {
		o := otp.OutcomeAccepted
		require.Error(t, o.UnmarshalText([]byte(text)), text)
		assert.Equal(t, otp.OutcomeAccepted, o, "it stays")
	}
	text, err := otp.Outcome(42).MarshalText()
	require.NoError(t, err)
	assert.Equal(t, "unknown", string(text))
}

// However errors are joined, wrapped, ordered and grouped, only their outcomes count.
func TestTheOrderAndGroupingOfJoinedErrorsDoNotMatter(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		leaves := rapid.SliceOfN(rapid.SampledFrom([]error{
			with(otp.OutcomeNotSent), with(otp.OutcomeNotSent), with(otp.OutcomeAccepted), with(otp.OutcomeAccepted),
			with(otp.OutcomeUnknown), io.EOF, otp.ErrProtocol,
		}), 1, 6).Draw(t, "leaves")

		want := otp.OutcomeNotSent
		for _, leaf := range leaves {
			var failure *otp.Error
			switch {
			case !errors.As(leaf, &failure) || failure.Outcome == otp.OutcomeUnknown:
				want = otp.OutcomeUnknown
			case failure.Outcome == otp.OutcomeAccepted && want == otp.OutcomeNotSent:
				want = otp.OutcomeAccepted
			}
		}

		shuffled := rapid.Permutation(leaves).Draw(t, "shuffled")
		cut := rapid.IntRange(0, len(shuffled)).Draw(t, "cut")
		grouped := errors.Join(errors.Join(shuffled[:cut]...), errors.Join(shuffled[cut:]...))
		for name, err := range map[string]error{
			"joined":   errors.Join(leaves...),
			"shuffled": errors.Join(shuffled...),
			"grouped":  grouped,
			"boxed":    box{crate{shuffled}},
		} {
			if got := otp.OutcomeOf(err); got != want {
				t.Fatalf("%s: %v is %v, want %v", name, err, got, want)
			}
		}
	})
}
