package vendorkit_test

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

func object(raw []byte) (vendorkit.Object, error) { return vendorkit.Answer{Body: raw}.Object() }

const (
	noObject  = "not a JSON object"
	ambiguous = "the JSON object has names that are alike, or too many"
)

func TestAnObjectHasItsMembersToTheLetter(t *testing.T) {
	o, err := object([]byte(" {\n\"code\" : 0 ,\t\"Text\":\"a \\\"b\\\", {c}: [d]\",\r\"list\": [ {\"x\":1}, \"]\" ] , \"m\\u006fre\" :{} , \"\":null } "))
	require.NoError(t, err)
	for name, want := range map[string]string{
		"code": `0`, "Text": `"a \"b\", {c}: [d]"`, "list": `[ {"x":1}, "]" ]`, "more": `{}`, "": `null`,
		"text": "", "CODE": "", "x": "",
	} {
		assert.Equal(t, want, string(o.Get(name)), name)
	}
	assert.Equal(t, `a "b", {c}: [d]`, o.Text("Text"))
	for _, name := range []string{"code", "list", "more", "", "text", "none"} {
		assert.Empty(t, o.Text(name))
	}
	assert.False(t, o.HasErrors())
	for _, name := range []string{"error", "errors", "Error", "ERRORS", `\u0045rror`, "error\u017f"} {
		o, err := object([]byte(`{"code":0,"` + name + `":"no"}`))
		require.NoError(t, err)
		assert.True(t, o.HasErrors(), name)
		for _, nothing := range []string{"null", "[]", "{}", `""`, "false", "[ ]", "{\n}"} {
			o, err := object([]byte(`{"code":0,"` + name + `":` + nothing + `}`))
			require.NoError(t, err)
			assert.False(t, o.HasErrors(), nothing)
		}
	}
}

func TestSuccessThatIsFalseIsAnError(t *testing.T) {
	for body, want := range map[string]bool{
		`{"success":false}`: true, `{"Success":false}`: true, `{"success":true}`: false, `{"success":null}`: false, `{}`: false,
	} {
		o, err := object([]byte(body))
		require.NoError(t, err)
		assert.Equal(t, want, o.HasErrors(), body)
	}
}

func TestAnObjectWithinAnObject(t *testing.T) {
	o, err := object([]byte(`{"data":{"a":"b"},"none":null,"list":[{}],"text":"{}","twice":{"a":1,"A":2}}`))
	require.NoError(t, err)
	data, err := o.Object("data")
	require.NoError(t, err)
	assert.Equal(t, "b", data.Text("a"))
	for _, absent := range []string{"none", "absent", "Data"} {
		nothing, failed := o.Object(absent)
		require.NoError(t, failed)
		assert.Zero(t, nothing)
	}
	for _, other := range []string{"list", "text"} {
		_, failed := o.Object(other)
		require.EqualError(t, failed, noObject)
	}
	_, err = o.Object("twice")
	require.EqualError(t, err, ambiguous)
}

func TestWhatIsNotOneObjectIsNone(t *testing.T) {
	for _, raw := range []string{
		"", " ", "null", "0", `"{}"`, "[]", "[{}]", "{", "}", "{}{}", "{},", "{} x", "\ufeff{}", `{"a"}`, `{"a":}`, `{"a":1,}`, `{a:1}`,
		`{"a":01}`, `{"a":1 "b":2}`, `{'a':1}`, "{\"a\":\"\n\"}", `{"a":"\x"}`, strings.Repeat(`{"a":`, 20_000) + "1" + strings.Repeat("}", 20_000),
	} {
		_, err := object([]byte(raw))
		require.EqualError(t, err, noObject, "%.40q", raw)
	}
}

func TestNamesThatAreAlikeAreAmbiguous(t *testing.T) {
	for _, names := range [][]string{
		{"code", "code"},
		{"code", "Code"},
		{"CODE", "code"},
		{"a", "b", "A"},
		{"code", `\u0063ode`},
		{"code", `\u0043ode`},
		{"status", "\u017ftatus"},
		{"\xff", "\xfe"},
		{"", ""},
		{"É", "é"},
	} {
		_, err := object([]byte(`{"` + strings.Join(names, `":1,"`) + `":2}`))
		require.EqualError(t, err, ambiguous, "%q", names)
	}
	for _, names := range [][]string{{"code", "codes"}, {"date-created", "dateCreated"}, {"a", " a"}, {"error", "errors"}} {
		_, err := object([]byte(`{"` + strings.Join(names, `":1,"`) + `":2}`))
		require.NoError(t, err, "%q", names)
	}
	require.NoError(t, membered(100))
	require.EqualError(t, membered(101), ambiguous)
	require.EqualError(t, membered(1<<17), ambiguous, "and soon")
}

func membered(n int) error {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"m%d":0`, i)
	}
	_, err := object([]byte("{" + b.String()[1:] + "}"))
	return err
}

// FuzzObject: an object has the members that encoding/json finds, or is refused.
func FuzzObject(f *testing.F) {
	for _, raw := range []string{
		"", "{}", " { } ", `{"a":{"b":[1,"}"]},"c":"\\","\u0064":null}`, `{"a":1,"A":2}`, `{"a":1,"a":2}`, `[{"a":1}]`, `{"\"":"\""}`, "{\"\xff\":\"\xff\"}",
	} {
		f.Add([]byte(raw))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		var want map[string]json.RawMessage
		err := json.Unmarshal(raw, &want)
		o, refused := object(raw)
		if err != nil || want == nil {
			require.EqualError(t, refused, noObject)
			return
		}
		if refused != nil {
			require.EqualError(t, refused, ambiguous)
			return
		}
		for name, value := range want {
			require.Equal(t, string(value), string(o.Get(name)))
			var text string
			_ = json.Unmarshal(value, &text) // what is no string leaves it empty
			require.Equal(t, text, o.Text(name))
		}
	})
}

func BenchmarkReadObject(b *testing.B) {
	raw := []byte(`{"code":0,"message":"sent","ticket_number":"sms_5fa275dbf21dc","otp_request_token":"otp_111111dab2222222aaa33333"}`)
	b.ReportAllocs()
	for b.Loop() {
		o, err := object(raw)
		if err != nil || o.Get("code") == nil {
			b.Fatal(err)
		}
	}
}
