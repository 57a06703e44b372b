package otpredis_test

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/owncode"
)

// ownCodes is a provider of own codes on a Redis, and the texts that it has sent.
func ownCodes(t *testing.T, client *redis.Client) (*owncode.Provider, func() []owncode.Text) {
	t.Helper()
	var mu sync.Mutex
	var texts []owncode.Text
	p, err := owncode.New(owncode.Config{Keys: [][]byte{key}, Store: newStore(t, client)},
		owncode.SenderFunc(func(_ context.Context, text owncode.Text) error {
			mu.Lock()
			defer mu.Unlock()
			texts = append(texts, text)
			return nil
		}))
	require.NoError(t, err)
	return p, func() []owncode.Text {
		mu.Lock()
		defer mu.Unlock()
		return texts
	}
}

func TestOwnCodesLeaveNothingReadableInRedis(t *testing.T) {
	t.Parallel()
	client := connect(t, startRedis(t).addr)
	p, texts := ownCodes(t, client)
	for n := range 1000 {
		v, err := p.Send(t.Context(), otp.SendRequest{To: fmt.Sprintf("+90532%07d", n), CodeLength: 10})
		require.NoError(t, err)
		if n%2 == 0 {
			require.NoError(t, p.Verify(t.Context(), v, texts()[n].Code))
		}
	}
	var dump strings.Builder
	keys, err := client.Keys(t.Context(), "*").Result()
	require.NoError(t, err)
	require.Greater(t, len(keys), 1000)
	for _, key := range keys {
		text, err := client.Get(t.Context(), key).Result()
		if err != nil {
			fields, err := client.HGetAll(t.Context(), key).Result()
			require.NoError(t, err)
			text = fmt.Sprint(fields)
		}
		dump.WriteString(key + " " + text + "\n")
	}
	for _, text := range texts() {
		assert.NotContains(t, dump.String(), text.Code)
		assert.NotContains(t, dump.String(), text.To[4:])
	}
	assert.NotContains(t, dump.String(), string(key))
}

func TestOwnCodesOfManyRacersOnRedis(t *testing.T) {
	t.Parallel()
	addr := anyRedis(t)
	p, texts := ownCodes(t, connect(t, addr))
	other, _ := ownCodes(t, connect(t, addr))
	race := func(code func() string) (right, wrong int32) {
		v, err := p.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		var accepted, rejected atomic.Int32
		var wait sync.WaitGroup
		for i := range 200 {
			wait.Go(func() {
				err := []*owncode.Provider{p, other}[i%2].Verify(t.Context(), v, code())
				switch {
				case err == nil:
					accepted.Add(1)
				case errors.Is(err, otp.ErrWrongCode):
					rejected.Add(1)
				}
			})
		}
		wait.Wait()
		return accepted.Load(), rejected.Load()
	}
	newest := func() string { return texts()[len(texts())-1].Code }
	right, _ := race(newest)
	assert.EqualValues(t, 1, right)
	right, wrong := race(func() string { return "000" + newest() })
	assert.EqualValues(t, 0, right)
	assert.EqualValues(t, 5, wrong)
}

func TestOwnCodesVerifyInOneRoundTrip(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	p, texts := ownCodes(t, client)
	send := func() otp.Verification {
		v, err := p.Send(t.Context(), otp.SendRequest{To: number})
		require.NoError(t, err)
		return v
	}
	v := send()
	_ = p.Verify(t.Context(), v, "000000") // the server knows the script now
	count := &counter{}
	client.AddHook(count)
	for range 2 {
		_ = p.Verify(t.Context(), v, texts()[0].Code)
	}
	assert.EqualValues(t, 2, count.commands.Load())
	send()
	assert.EqualValues(t, 3, count.commands.Load(), "a send is one, too")
}
