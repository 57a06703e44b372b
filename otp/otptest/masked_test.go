package otptest_test

import (
	"context"
	"encoding/json"
	"encoding/xml"
	"errors"
	"fmt"
	"log/slog"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// masked is a Config as it should be: whatever prints or encodes it shows that there is a token,
// and no more.
type masked struct{ Token, BaseURL string }

func (m masked) hidden() map[string]string {
	return map[string]string{"token": "[redacted]", "base_url": m.BaseURL}
}

func (m masked) String() string               { return fmt.Sprint(m.hidden()) }
func (m masked) Format(s fmt.State, _ rune)   { _, _ = fmt.Fprint(s, m.String()) }
func (m masked) LogValue() slog.Value         { return slog.StringValue(m.String()) }
func (m masked) MarshalJSON() ([]byte, error) { return json.Marshal(m.hidden()) }
func (m masked) MarshalText() ([]byte, error) { return []byte(m.String()), nil }
func (m masked) GobEncode() ([]byte, error)   { return []byte(m.String()), nil }
func (m masked) MarshalYAML() (any, error)    { return m.hidden(), nil }
func (m masked) MarshalXML(e *xml.Encoder, s xml.StartElement) error {
	return e.EncodeElement(m.String(), s)
}

// The same with one hole each. What is embedded keeps its methods, and the hole is a method that
// shows the token.
type (
	bare        struct{ Token, BaseURL string }
	holeInFmt   struct{ masked }
	holeInSlog  struct{ masked }
	holeInJSON  struct{ masked }
	holeInXML   struct{ masked }
	holeInGob   struct{ masked }
	holeInYAML  struct{ masked }
	plainInYAML struct{ Token string }
)

func (h holeInFmt) Format(s fmt.State, verb rune) { _, _ = fmt.Fprintf(s, "%"+string(verb), h.Token) }
func (h holeInSlog) LogValue() slog.Value         { return slog.StringValue(h.Token) }
func (h holeInJSON) MarshalJSON() ([]byte, error) { return json.Marshal(h.Token) }
func (h holeInGob) GobEncode() ([]byte, error)    { return []byte(h.Token), nil }
func (h holeInYAML) MarshalYAML() (any, error)    { return h.Token, nil }
func (h holeInXML) MarshalXML(e *xml.Encoder, s xml.StartElement) error {
	return e.EncodeElement(h.Token, s)
}

// plainInYAML masks itself everywhere but in YAML.
func (plainInYAML) String() string               { return "masked" }
func (plainInYAML) Format(s fmt.State, _ rune)   { _, _ = fmt.Fprint(s, "masked") }
func (plainInYAML) MarshalJSON() ([]byte, error) { return []byte(`"masked"`), nil }
func (plainInYAML) GobEncode() ([]byte, error)   { return []byte("masked"), nil }
func (plainInYAML) LogValue() slog.Value         { return slog.StringValue("masked") }
func (plainInYAML) MarshalXML(e *xml.Encoder, s xml.StartElement) error {
	return e.EncodeElement("masked", s)
}

func TestConfigThatMasksItselfPasses(t *testing.T) {
	otptest.TestConfig(t, masked{Token: key, BaseURL: "https://acme.example"}, "Token")
	otptest.TestMasked(t, masked{Token: key}, key)
	otptest.TestMasked(t, otp.SendRequest{To: phone, Code: "87654321"}, phone[1:], "87654321")
}

func TestConfigThatShowsItsTokenFails(t *testing.T) {
	m := masked{Token: key}
	for _, v := range []any{
		bare{Token: key},
		holeInFmt{m},
		holeInSlog{m},
		holeInJSON{m},
		holeInXML{m},
		holeInGob{m},
		holeInYAML{m},
		plainInYAML{Token: key},
		[]bare{{Token: key}},
		map[string]string{"token": key},
		key, []byte(key), fmt.Sprintf("%x", key),
	} {
		assert.NotEmpty(t, recorded(t, func(r *recorder) { otptest.MustHide(r, v, key) }), "%T", v)
	}
	for _, v := range []any{m, "something else", nil, 4711, errors.New("fine"), make(chan int), func() {}} {
		assert.Empty(t, recorded(t, func(r *recorder) { otptest.MustHide(r, v, key) }), "%T", v)
	}
}

func TestErrorsAreSearchedToTheBottom(t *testing.T) {
	deep := fmt.Errorf("a: %w", errors.Join(errors.New("fine"), &otp.Error{Err: fmt.Errorf("b: %w", hiding{Body: key})}))
	assert.NotEmpty(t, recorded(t, func(r *recorder) { otptest.MustHide(r, deep, key) }))
}

func TestRefusalsPassWhereFieldAndRuleAreNamed(t *testing.T) {
	asked := 0
	otptest.TestRefusals(t, func() int { return asked }, []string{key}, map[string]otptest.Refusal{
		"no number": {
			Call: func(ctx context.Context) error {
				_, err := otptest.NewProvider().Send(ctx, otp.SendRequest{})
				return err
			},
			Kind: otp.ErrInvalidRecipient, Field: "to", Op: "send",
		},
		"a code that is none": {
			Call: func(ctx context.Context) error {
				return otptest.NewProvider().Verify(ctx, otp.Verification{Provider: otptest.Vendor, ID: "1"}, "")
			},
			Kind: otp.ErrWrongCode, Field: "code",
		},
	})
	otptest.TestRefusals(t, nil, nil, nil)
}

func TestRefusalsFailWhereSomethingIsMissing(t *testing.T) {
	right := func() *otp.Error {
		return &otp.Error{
			Provider: "acme", Op: "new", Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: "token",
			Err: errors.New("must not be empty"),
		}
	}
	for name, change := range map[string]func(*otp.Error){
		"whose":   func(e *otp.Error) { e.Provider = "" },
		"which":   func(e *otp.Error) { e.Op = "send" },
		"kind":    func(e *otp.Error) { e.Kind = otp.ErrInvalidRequest },
		"field":   func(e *otp.Error) { e.Field = "base_url" },
		"outcome": func(e *otp.Error) { e.Outcome = otp.OutcomeUnknown },
		"rule":    func(e *otp.Error) { e.Err = nil },
		"no text": func(e *otp.Error) { e.Message = "something else" },
		"secret":  func(e *otp.Error) { e.Err = errors.New("must not be " + key) },
		"":        func(*otp.Error) {},
	} {
		err := right()
		change(err)
		refusal := otptest.Refusal{
			Call: func(context.Context) error { return err }, Kind: otp.ErrMisconfigured, Field: "token", Op: "new",
		}
		said := recorded(t, func(r *recorder) { otptest.CheckRefusal(r, refusal, func() int { return 0 }, key) })
		assert.Equal(t, name != "", len(said) > 0, "%s: %v", name, said)
	}
	asked := 0
	for _, call := range []func(context.Context) error{
		func(context.Context) error { return nil },
		func(context.Context) error { return errors.New("plain") },
		func(context.Context) error { asked++; return right() },
	} {
		refusal := otptest.Refusal{Call: call, Kind: otp.ErrMisconfigured, Field: "token"}
		said := recorded(t, func(r *recorder) { otptest.CheckRefusal(r, refusal, func() int { return asked }) })
		require.NotEmpty(t, said)
	}
}
