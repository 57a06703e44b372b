package owncode_test

import (
	"fmt"
	"reflect"
	"strings"
	"sync"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

// dump is all text in the memory behind v.
func dump(v reflect.Value, into *strings.Builder, seen map[unsafe.Pointer]bool) {
	switch v.Kind() {
	case reflect.Pointer:
		if v.IsNil() || seen[v.UnsafePointer()] {
			return
		}
		seen[v.UnsafePointer()] = true
		dump(v.Elem(), into, seen)
	case reflect.Struct:
		for i := range v.NumField() {
			dump(v.Field(i), into, seen)
		}
	case reflect.Map:
		for _, key := range v.MapKeys() {
			dump(key, into, seen)
			dump(v.MapIndex(key), into, seen)
		}
	case reflect.Slice, reflect.Array:
		for i := range v.Len() {
			dump(v.Index(i), into, seen)
		}
		into.WriteByte('\n')
	case reflect.String:
		into.WriteString(v.String() + "\n")
	case reflect.Uint8:
		into.WriteByte(byte(v.Uint()))
	case reflect.Interface:
		dump(v.Elem(), into, seen)
	default:
	}
}

func TestMemoryHoldsNeitherCodeNorNumber(t *testing.T) {
	store, err := guard.NewMemory(0)
	require.NoError(t, err)
	in := &inbox{}
	p := newProvider(t, owncode.Config{Store: store}, in)
	for n := range 1000 {
		v := sendTo(t, p, otp.SendRequest{To: number(n), CodeLength: 10})
		_ = p.Verify(t.Context(), v, in.last(t).Code)
	}
	var b strings.Builder
	dump(reflect.ValueOf(store), &b, map[unsafe.Pointer]bool{})
	text := b.String()
	require.Greater(t, len(text), 50_000, "the dump must have found the entries")
	for _, sent := range in.texts {
		assert.NotContains(t, text, sent.To[4:])
		assert.NotContains(t, text, sent.Code, "a code")
	}
	assert.NotContains(t, text, string(keyA))
}

func TestProviderShowsNoKey(t *testing.T) {
	in := &inbox{}
	cfg := owncode.Config{Keys: [][]byte{keyA}, Fallback: &inbox{}}
	p := newProvider(t, cfg, in)
	sendTo(t, p, otp.SendRequest{})
	for _, v := range []any{p, *p, cfg, &cfg} {
		for _, verb := range []string{"%v", "%+v", "%#v", "%s", "%x", "%d"} {
			form := fmt.Sprintf(verb, v)
			for _, secret := range []string{string(keyA), "97 97 97", "0x61, 0x61", "6161"} {
				assert.NotContains(t, form, secret, verb)
			}
		}
	}
}

func TestManyPeopleAtOnce(t *testing.T) {
	in := &inbox{}
	p := newProvider(t, owncode.Config{}, in)
	var wait sync.WaitGroup
	for n := range 100 {
		wait.Go(func() {
			v, err := p.Send(t.Context(), otp.SendRequest{To: number(n)})
			assert.NoError(t, err)
			in.mu.Lock()
			var code string
			for _, text := range in.texts {
				if text.To == v.To {
					code = text.Code
				}
			}
			in.mu.Unlock()
			assert.NoError(t, p.Verify(t.Context(), v, code))
		})
	}
	wait.Wait()
}
