// Package otpredis lets all processes of a program share a vendor's rate limit ([Limiter]), what a
// guard or own codes have stored ([Store]), and what routers learn ([LearningStore]). It needs
// Redis 6 or newer, or Valkey; alone, with Sentinel, or as a cluster.
//
//	client := redis.NewClient(otpredis.Defaults(&redis.Options{Addr: "redis:6379"}))
//	limiter, err := otpredis.NewLimiter(client, "insider-main", otp.Rate{Events: 250, Per: time.Minute})
//	...
//	provider, err := insider.New(cfg, otp.WithSendLimiter(limiter))
//	...
//	store, err := otpredis.NewStore(client, "sign-in")
//	...
//	guarded, err := guard.New(provider, guard.WithStore(store), guard.WithKey(key))
//
// A limiter's name stands for a vendor account and the operation that is limited; a store's name
// for the guards that share their counts. One Redis may serve both.
//
// # How a rate is kept
//
// A rate of 250 a minute is 250 slots in a sorted set. A slot is taken before a request and is free
// again a minute, and a few milliseconds, after its answer, so that no minute at the vendor ever
// sees more than 250. The clock is the server's. A decision is one round trip, which also tells
// Redis what became of earlier requests. The callers of a process are served in the order in which
// they come; between processes there is no order. The slots of a process that dies are free again
// after a lease, see [WithLease], and a window.
//
// # When Redis fails
//
// Every call of Redis is bounded by [WithTimeout], whatever client it is, and however Redis fails.
// Callers of a limiter wait for up to three seconds until Redis is back. Then their process goes on
// with the slots that Redis had given it, and with no others, so all processes together stay within
// the rate; what it has no slot for is otp.ErrUnavailable at once. [WithLocalShare] bounds that,
// [WithoutLocalShare] forbids it.
//
// A process that Redis does not answer while it answers others goes on, too, and the others get its
// slots. Then a window may see more than the rate: by as many as the slots of the last window that
// all such processes had, which is at most the rate again. [WithoutLocalShare] rules that out, and
// stops all processes when Redis is down. The page docs/limits.md has measurements.
//
// A store has no such share: while Redis fails, a guard refuses, unless it was told otherwise. When
// Redis is full, it refuses in any case.
//
// The client must have timeouts of its own, as [Defaults] sets them: a call in a client that waits
// for ever is not waited for, but its goroutine stays until the client returns. A command that a
// client repeats, because it lost the answer, has no further effect.
//
// # What Redis has to keep
//
// A limiter notices when Redis has lost something: to eviction, a flush, an older snapshot, a
// replica that lags, or a clock that jumps. All slots count as taken then, and for a window and a
// lease each process uses only the slots that it has. A loss is not noticed when no process that
// knew the lost grants asks again.
//
// A guard's counts have no such witness, and live for days. So give them a server that keeps what
// it is given: maxmemory-policy noeviction, and appendonly yes. [Check] reads these settings, and a
// logger, see [WithLogger], is told of them after the first call.
//
// Where keys are evicted or flushed, sends are counted from zero, and a verification that is lost
// is refused: a send and the attempts at its code are one key, so neither a guard nor own codes let
// anybody guess further. Only a server that goes back to an older state gives back the attempts
// that it has not kept. A crash can lose those of the last second or two, unless appendfsync is
// always.
//
// All keys of a name share a hash tag, "otp:limit:{name}:slots" and "otp:guard:{name}:...", so each
// name lives on one node of a cluster. Keys hold what the guard gives, which are hashes, and never
// a number. Anyone who can write to this Redis can lift every limit. A user with these rights is
// enough:
//
//	~otp:* +eval +evalsha +time +exists +set +del +hset +hdel +hlen +hmget +hgetall +pttl +pexpire
//	+zadd +zscore +zcount +zrange +zrangebyscore +zremrangebyscore +hello +ping
//
// and +info for [Check].
//
// # What go-redis prints
//
// go-redis writes failed connections to stderr, unless the program calls redis.SetLogger. That
// holds for the whole program, so this package does not change it.
package otpredis
