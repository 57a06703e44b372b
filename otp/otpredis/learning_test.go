package otpredis_test

import (
	"fmt"
	"log/slog"
	"testing"

	"github.com/redis/go-redis/v9"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpredis"
	"github.com/otp-sdk/otp-go/otp/otptest"
	"github.com/otp-sdk/otp-go/otp/route"
)

func newLearningStore(t *testing.T, client redis.Scripter) *otpredis.LearningStore {
	t.Helper()
	s, err := otpredis.NewLearningStore(client, "test", patient)
	require.NoError(t, err)
	return s
}

func TestMachinesSeeEachOthersRecords(t *testing.T) {
	t.Parallel()
	s := newLearningStore(t, connect(t, anyRedis(t)))
	exchange := func(router, machine, record string) map[string][]byte {
		records, err := s.Exchange(t.Context(), router, machine, []byte(record))
		require.NoError(t, err)
		return records
	}
	assert.Equal(t, map[string][]byte{"a": []byte("1")}, exchange("main", "a", "1"))
	exchange("main", "b", "2\n\x00 3")
	assert.Equal(t, map[string][]byte{"a": []byte("4"), "b": []byte("2\n\x00 3")}, exchange("main", "a", "4"))
	assert.Len(t, exchange("other", "a", "1"), 1, "routers of another name learn apart")
}

func TestRecordsOfGoneMachinesAreForgotten(t *testing.T) {
	t.Parallel()
	client := connect(t, anyRedis(t))
	s := newLearningStore(t, client)
	const key = "otp:learning:{test}:main"
	require.NoError(t, client.HSet(t.Context(), key, "gone", "1000000000 [1]", "broken", "x").Err())
	records, err := s.Exchange(t.Context(), "main", "a", []byte("1"))
	require.NoError(t, err)
	assert.Len(t, records, 1)
	assert.EqualValues(t, 1, client.HLen(t.Context(), key).Val())
	assert.Positive(t, client.PTTL(t.Context(), key).Val())
}

func TestLearningStoreRefusesWhatIsNotForIt(t *testing.T) {
	client := redis.NewClient(&redis.Options{})
	defer closed(t, client)
	for field, opt := range map[string]otpredis.Option{
		"lease": otpredis.WithLease(1), "logger": otpredis.WithLogger(slog.New(slog.DiscardHandler)),
	} {
		_, err := otpredis.NewLearningStore(client, "test", opt)
		require.ErrorIs(t, err, otp.ErrMisconfigured)
		assert.ErrorContains(t, err, field)
	}
	_, err := otpredis.NewLearningStore(nil, "test")
	require.ErrorIs(t, err, otp.ErrMisconfigured)
}

func TestLearningGoesOnWithoutRedis(t *testing.T) {
	server := startRedis(t)
	s := newLearningStore(t, connectByDefault(t, server.addr))
	server.kill()
	_, err := s.Exchange(t.Context(), "main", "a", nil)
	require.ErrorContains(t, err, "redis: ")
}

func ExampleNewLearningStore() {
	client := redis.NewClient(otpredis.Defaults(&redis.Options{Addr: "127.0.0.1:6379"}))
	defer client.Close() //nolint:errcheck // the program ends
	store, err := otpredis.NewLearningStore(client, "shop")
	if err != nil {
		fmt.Println(err)
		return
	}
	first, second := otptest.NewProvider(otptest.WithName("first")), otptest.NewProvider(otptest.WithName("second"))
	provider, err := route.Learning("main", []otp.Provider{first, second}, route.WithLearningStore(store))
	fmt.Println(provider.Name(), err)
	// Output: main <nil>
}
