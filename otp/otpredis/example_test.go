package otpredis_test

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/alicebob/miniredis/v2"
	"github.com/redis/go-redis/v9"

	"github.com/otp-sdk/otp-go/insider"
	"github.com/otp-sdk/otp-go/insider/insidertest"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpredis"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

// exampleRedis is a Redis in memory, with a client.
func exampleRedis() (client *redis.Client, end func()) {
	server := miniredis.NewMiniRedis()
	if err := server.Start(); err != nil {
		panic(err)
	}
	client = redis.NewClient(otpredis.Defaults(&redis.Options{Addr: server.Addr()}))
	return client, func() {
		_ = client.Close()
		server.Close()
	}
}

// Two processes use one account, which may send twice a minute.
func ExampleNewLimiter() {
	client, end := exampleRedis()
	defer end()
	vendor := insidertest.NewServer()
	defer vendor.Close()
	process := func() otp.Provider {
		limiter, err := otpredis.NewLimiter(client, "insider-main", otp.Rate{Events: 2, Per: time.Minute})
		if err != nil {
			panic(err)
		}
		provider, err := insider.New(insider.Config{APIKey: vendor.APIKey, BaseURL: vendor.URL},
			otp.WithSendLimiter(limiter))
		if err != nil {
			panic(err)
		}
		return provider
	}

	one, other := process(), process()
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	for i, provider := range []otp.Provider{one, other, one} {
		_, err := provider.Send(ctx, otp.SendRequest{To: fmt.Sprintf("+90532123456%d", i)})
		fmt.Println(errors.Is(err, otp.ErrRateLimited), otp.OutcomeOf(err))
	}
	// Output:
	// false accepted
	// false accepted
	// true not sent
}

// A number gets one code at a time, no matter which process is asked.
func ExampleNewStore() {
	client, end := exampleRedis()
	defer end()
	store, err := otpredis.NewStore(client, "sign-in", otpredis.WithTimeout(time.Second))
	if err != nil {
		panic(err)
	}
	vendor := otptest.NewProvider()
	process := func() otp.Provider {
		guarded, err := guard.New(vendor, guard.WithStore(store), guard.WithKey([]byte("the same in all processes")))
		if err != nil {
			panic(err)
		}
		return guarded
	}

	for _, provider := range []otp.Provider{process(), process()} {
		_, err := provider.Send(context.Background(), otp.SendRequest{To: "+905321234567"})
		var refusal *guard.Refusal
		if errors.As(err, &refusal) {
			fmt.Println("refused:", refusal.Rule)
		} else {
			fmt.Println("sent")
		}
	}
	// Output:
	// sent
	// refused: cooldown
}

// Most programs call Apply through a guard.
func ExampleStore_Apply() {
	client, end := exampleRedis()
	defer end()
	store, err := otpredis.NewStore(client, "sign-in")
	if err != nil {
		panic(err)
	}
	change := guard.Change{Take: []guard.Limit{{Key: "tries", Max: 1, Window: time.Hour}}}
	for range 2 {
		result, err := store.Apply(context.Background(), change)
		fmt.Println(result.Refused == guard.RefusedByNone, result.RetryAfter.Round(time.Minute), err)
	}
	// Output:
	// true 0s <nil>
	// false 1h0m0s <nil>
}

// Anyone who makes requests without a vendor's client tells when the answer has arrived.
func ExampleLimiter_Acquire() {
	client, end := exampleRedis()
	defer end()
	limiter, err := otpredis.NewLimiter(client, "insider-main", otp.Rate{Events: 250, Per: time.Minute},
		otpredis.WithLease(time.Minute)) // the longest request without a deadline
	if err != nil {
		panic(err)
	}
	done, err := limiter.Acquire(context.Background())
	if err != nil {
		panic(err)
	}
	fmt.Println("the request, and its answer")
	done(otp.OutcomeAccepted)
	fmt.Printf("%+v\n", limiter.Stats())
	// Output:
	// the request, and its answer
	// {Shared:1 Local:0 Failures:0 Down:false}
}

// Wait is for callers that do not know when the answer arrives.
func ExampleLimiter_Wait() {
	client, end := exampleRedis()
	defer end()
	limiter, err := otpredis.NewLimiter(client, "insider-main", otp.Rate{Events: 1, Per: time.Minute})
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	fmt.Println(limiter.Wait(ctx))
	err = limiter.Wait(ctx)
	var failure *otp.Error
	fmt.Println(errors.As(err, &failure), failure.RetryAfter.Round(time.Second))
	// Output:
	// <nil>
	// true 1m0s
}

// While Redis is down, a process goes on with at most 50 of the slots that it had.
func ExampleWithLocalShare() {
	client, end := exampleRedis()
	defer end()
	rate := otp.Rate{Events: 250, Per: time.Minute}
	for _, share := range []otp.Rate{{Events: 50, Per: time.Minute}, {Events: 300, Per: time.Minute}} {
		_, err := otpredis.NewLimiter(client, "insider-main", rate, otpredis.WithLocalShare(share))
		fmt.Println(err)
	}
	// Output:
	// <nil>
	// misconfigured: local_share: must have the limiter's window, and at most its events
}

// Or nothing passes that Redis has not let go. Callers who have time wait for seconds until it is back.
func ExampleWithoutLocalShare() {
	client, end := exampleRedis()
	end()
	limiter, err := otpredis.NewLimiter(client, "insider-main", otp.Rate{Events: 250, Per: time.Minute},
		otpredis.WithoutLocalShare())
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 200*time.Millisecond)
	defer cancel()
	err = limiter.Wait(ctx)
	fmt.Println(errors.Is(err, otp.ErrUnavailable), otp.OutcomeOf(err))
	// Output: true not sent
}

// A wait that would leave too little of the caller's time is refused at once. Of six seconds, half is enough.
func ExampleWithReserve() {
	client, end := exampleRedis()
	defer end()
	limiter, err := otpredis.NewLimiter(client, "insider-main", otp.Rate{Events: 1, Per: 4 * time.Second},
		otpredis.WithReserve(5*time.Second))
	if err != nil {
		panic(err)
	}
	ctx, cancel := context.WithTimeout(context.Background(), 6*time.Second)
	defer cancel()
	fmt.Println(limiter.Wait(ctx))
	fmt.Println(errors.Is(limiter.Wait(ctx), otp.ErrRateLimited))
	// Output:
	// <nil>
	// true
}

// A doctor tells what settings put limits at risk.
func ExampleCheck() {
	client := redis.NewClient(otpredis.Defaults(&redis.Options{Addr: "127.0.0.1:1"}))
	defer func() { _ = client.Close() }()
	warnings, err := otpredis.Check(context.Background(), client)
	fmt.Println(len(warnings), errors.Is(err, otp.ErrUnavailable))
	for _, warning := range warnings {
		fmt.Println(warning) // "maxmemory-policy is allkeys-lru: Redis drops keys when its memory is full. ..."
	}
	// Output: 0 true
}

// What the program sets itself stays.
func ExampleDefaults() {
	opts := otpredis.Defaults(&redis.Options{Addr: "redis:6379", ReadTimeout: time.Second})
	fmt.Println(opts.Addr, opts.ContextTimeoutEnabled, opts.DialTimeout, opts.ReadTimeout, opts.WriteTimeout, opts.MaxRetries)
	// Output: redis:6379 true 500ms 1s 300ms 1
}
