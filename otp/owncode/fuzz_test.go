package owncode_test

import (
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

func FuzzParseOrigin(f *testing.F) {
	f.Add("x\n@example.com #747723 @ecommerce.example")
	f.Add("@a #b\r")
	f.Fuzz(func(t *testing.T, text string) {
		o, code, ok := owncode.ParseOrigin(text)
		if !ok {
			assert.Empty(t, o.Host+code+o.Embedded)
			return
		}
		line := "@" + o.Host + " #" + code
		if o.Embedded != "" {
			line += " @" + o.Embedded
		}
		again, sameCode, ok := owncode.ParseOrigin("explained\n" + line)
		assert.True(t, ok)
		assert.Equal(t, o, again)
		assert.Equal(t, code, sameCode)
	})
}

func FuzzVerification(f *testing.F) {
	in := &inbox{}
	p := newProvider(f, owncode.Config{}, in)
	v := sendTo(f, p, otp.SendRequest{})
	f.Add(v.ID[:39]+"A", "123456")
	f.Add("", "")
	f.Add(strings.Repeat("A", 40), "０１２３４５")
	f.Fuzz(func(t *testing.T, id, typed string) {
		if id == v.ID {
			return
		}
		forged := v
		forged.ID = id
		require.ErrorIs(t, p.Verify(t.Context(), forged, typed), otp.ErrCodeRejected)
	})
}

func FuzzSegments(f *testing.F) {
	f.Add("€{}")
	f.Add("я😀")
	f.Fuzz(func(t *testing.T, text string) {
		s := owncode.CountSegments(text)
		room, single := 153, 160
		if s.UCS2 {
			room, single = 67, 70
		}
		assert.Equal(t, text == "", s.Parts == 0)
		assert.True(t, s.Units <= single && s.Parts <= 1 || s.Parts*room >= s.Units, "%+v", s)
		assert.LessOrEqual(t, (s.Parts-2)*(room-1), s.Units)
	})
}
