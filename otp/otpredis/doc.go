// Package otpredis lets all processes of a program share what otherwise each of them keeps by itself: a vendor's rate
// limit ([Limiter]) and what a guard has counted ([Store]). It needs Redis 6 or newer, or Valkey; alone, with Sentinel, or
// as a cluster.
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
// A limiter's name stands for a vendor account and the operation that is limited; a store's name for the guards that share
// their counts. One Redis may serve both.
//
// # How a rate is kept
//
// A rate of 250 a minute is 250 slots in a sorted set. A slot is taken before a request and is free again a minute, and
// five milliseconds, after its answer, so that no minute at the vendor ever sees more than 250, although each request
// travels for a different time. The clock is the server's. A decision is one round trip, and so is telling that the answer
// has arrived. Whoever finds no slot waits in a line, of which only the first asks again: for each process, first come,
// first served. Between processes it is luck.
//
// When a process dies, its slots come free a window after its requests' deadlines, or after [WithLease] where there is
// none. So a request has to end when its context does, as those of this module's vendors do.
//
// # When Redis fails
//
// Every call of Redis is bounded by [WithTimeout], 300 ms by default, whatever client it is, and however Redis fails:
// refusing, hanging, read-only, full, restarting.
//
// A limiter then keeps a local share, a tenth of the rate, and asks Redis again once a second. Nobody knows what the
// others hold meanwhile. In the minute in which Redis goes down, and in that in which it comes back, the vendor may
// therefore see the shares of all processes on top of the whole rate; in between, the shares alone. So choose a share,
// [WithLocalShare], that all processes can have at once, or none, [WithoutLocalShare]. [Limiter.Stats] and [WithLogger]
// tell that it happens.
//
// A store has no such share: while Redis fails, a guard refuses, unless it was told otherwise. When Redis is full, it refuses
// in any case.
//
// The client must have timeouts of its own, as [Defaults] sets them. Nothing can stop a call in a client that waits for
// ever: it is not waited for, but its goroutine stays until the client returns, one for each call.
//
// A command that a client repeats, because it lost the answer, has no further effect: a slot is taken once, and a change
// is made once; the repeated one is an error.
//
// # What Redis has to keep
//
// Set maxmemory-policy to noeviction, or give these keys a database server of their own: what is evicted is no longer
// limited. A guard's counts live for days, so they should survive a restart: appendonly yes. A failover to a replica, and
// a crash of the machine, may lose the last second of writes, and with them the last counts.
//
// A limiter notices when all of its slots are lost, by a restart without a disk or by FLUSHALL, if one of its processes
// has lived through it: all of them then wait for a window and a lease. If slots are lost in part, it does not.
//
// All keys of a name share a hash tag, "otp:limit:{name}:slots" and "otp:guard:{name}:...", so each name lives on one node
// of a cluster. Keys hold what the guard gives, which are hashes, and never a number. Whoever can write to this Redis can
// lift every limit.
//
// Clocks of servers should not jump: a limit is kept on the clock of the one that is asked.
//
// # What go-redis prints
//
// go-redis tells on stderr that a connection fails, for the whole program, unless the program calls redis.SetLogger. This
// package leaves that to the program.
package otpredis
