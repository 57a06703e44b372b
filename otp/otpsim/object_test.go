package otpsim_test

import (
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestParseObjectRefuses(t *testing.T) {
	for _, body := range []string{``, `null`, `[]`, `"text"`, `1`, `{`, `{"a":1} {}`, `{"a":1}x`, `{a:1}`, `<html>`} {
		_, err := otpsim.ParseObject([]byte(body))
		assert.Error(t, err, "%s", body)
	}
}

func TestObjectReadsStrictly(t *testing.T) {
	_, err := otpsim.ParseObject([]byte(`{"raw":0067e}`))
	require.Error(t, err, "a number cannot start with 0")
	o, err := otpsim.ParseObject([]byte(`{"s":"text","i":6,"b":true,"o":{"in":"side","none":null},"raw":12.50,"n":null}`))
	require.NoError(t, err)

	assert.Equal(t, "text", o.String("s"))
	assert.Equal(t, 6, o.Int("i"))
	assert.True(t, o.Bool("b"))
	assert.Equal(t, "side", o.Object("o").String("in"))
	assert.False(t, o.Object("o").Has("none"))
	assert.Equal(t, "12.50", string(o.Raw("raw")), "as it was written")

	assert.False(t, o.Has("n"), "null is absent")
	assert.False(t, o.Has("S"), "names count letter for letter")
	assert.Empty(t, o.String("absent"))
	assert.Empty(t, o.Object("absent").String("in"))
	assert.Empty(t, o.Mistyped())
	assert.Equal(t, []string{"b", "o", "raw"}, o.Unknown("s", "i"))
}

func TestObjectTellsMistypedMembers(t *testing.T) {
	body := []byte(`{"s":1,"i":"6","float":6.0,"exp":6e0,"big":99999999999999999999,"b":"true","o":[]}`)
	reads := map[string]func(*otpsim.Object){
		"s":     func(o *otpsim.Object) { assert.Empty(t, o.String("s")) },
		"i":     func(o *otpsim.Object) { assert.Zero(t, o.Int("i")) },
		"float": func(o *otpsim.Object) { assert.Zero(t, o.Int("float")) },
		"exp":   func(o *otpsim.Object) { assert.Zero(t, o.Int("exp")) },
		"big":   func(o *otpsim.Object) { assert.Zero(t, o.Int("big")) },
		"b":     func(o *otpsim.Object) { assert.False(t, o.Bool("b")) },
		"o":     func(o *otpsim.Object) { assert.Empty(t, o.Object("o").String("x")) },
	}
	for name, read := range reads {
		o, err := otpsim.ParseObject(body)
		require.NoError(t, err)
		read(o)
		assert.Equal(t, name, o.Mistyped())
	}
}

func TestJSONIsExact(t *testing.T) {
	answer := otpsim.JSON(202, map[string]string{"a": "<&>ü"})
	assert.Equal(t, `{"a":"<&>ü"}`, string(answer.Body))
	assert.Equal(t, 202, answer.Status)
	assert.Equal(t, 500, otpsim.JSON(200, func() {}).Status, "a value that is no JSON does not panic")
}
