// Package guard limits abuse: somebody who has codes sent to numbers that pay them, who bombs one number with codes, who
// guesses codes, or who replays what has been used.
//
// A [Guard] is a provider around a provider. Wrap the outermost one, so that nothing goes past it:
//
//	provider, err := guard.New(router, guard.Allow("+33", "+49"), guard.WithBudget(otp.Rate{Events: 1000, Per: 24 * time.Hour}))
//	...
//	ctx = guard.WithCaller(ctx, guard.Caller{Purpose: "login", IP: ip, Session: session})
//	v, err := provider.Send(ctx, otp.SendRequest{To: number})
//
// To send again by another way, use [Guard.Resend]: the Resend of a router behind a guard goes past the guard.
//
// # Rules
//
// Everything is counted in one atomic step before the vendor is asked, so that no number of callers at once gets past a
// limit, and is given back only when the vendor's outcome is [otp.OutcomeNotSent]. A code that was judged is never given
// back. Windows begin with the first thing that they count. These are the defaults, and what changes them; [Without]
// switches a rule off, and [RecordOnly] lets it decide without blocking.
//
//	Rule         counts                                         default             option
//	deny         -                                              all are allowed     Allow, Deny
//	hook         -                                              none                BeforeSend
//	cooldown     time between codes, per number and purpose     30s 1m0s 1m30s 2m0s WithCooldown
//	number       codes per number                               5/10m 10/24h        WithNumberLimit
//	ip           codes per IP, of IPv6 per /64                  10/1h               WithIPLimit
//	session      codes per session                              10/1h               WithSessionLimit
//	device       codes per device                               10/1h               WithDeviceLimit
//	range        codes per number without its last 4 digits     10/1h               WithRangeLimit
//	prefix       codes per country                              200/1h              WithPrefixLimit
//	unverified   codes per country that do not come back        50 and 75% in 24h   WithUnverifiedLimit
//	budget       codes in all                                   60/1m 5000/24h      WithBudget
//	used         verifications that succeeded                   1                   -
//	binding      verifications for another number or purpose    0                   -
//	attempts     codes tried per verification                   5                   WithAttempts
//	wrong_codes  codes tried per number without a right one     20/24h              WithWrongCodeLimit
//	store        calls while the store fails                    0                   FailOpen
//
// Binding holds for sends that the store remembers: see [RuleBinding].
//
// On top of wrong_codes, 100 wrong codes in a row within 30 days lock a number, whatever the options say.
//
// The first thing to set is [Allow]: the countries where your users are. Then the budget, and the prefix limit of busy
// countries. A [Caller] without IP, session and device is not limited by these.
//
// # What to do when a call is refused
//
// Every refusal is an [*otp.Error] with a [*Refusal] in it, and is [otp.ErrRefused]: do not ask another provider. Say the
// same whether or not a number has an account.
//
//   - cooldown, number: show the field for the code all the same, and a countdown of RetryAfter. When a code is on its
//     way, Send returns its verification together with the error. Whoever asks for a number gets it, and can spend its
//     attempts, so that the person has to wait for a new code. Hand it only to the session that started it, where you can
//     tell.
//   - ip, session, device, range, prefix, unverified, budget ([otp.ErrRateLimited]): say that it does not work now, and
//     offer another way to sign in. Somebody has to be told about prefix, unverified and budget.
//   - deny, hook ([otp.ErrRefused]): say that no code can be sent to this number.
//   - attempts ([otp.ErrTooManyAttempts]): offer a new code.
//   - wrong_codes ([otp.ErrTooManyAttempts], with RetryAfter): a new code does not help; waiting does, or [Guard.Unlock].
//   - used, binding ([otp.ErrAlreadyVerified], [otp.ErrNotFound]): start again.
//   - store ([otp.ErrUnavailable]): say that it does not work now. With [otp.OutcomeAccepted] on Verify the code was right
//     and is spent; still nobody is signed in.
//
// # Stores
//
// Without [WithStore] a guard counts in its own memory: several processes then allow several times as much, and a restart
// forgets. Package otpredis shares counts through Redis. Its database must not evict keys (maxmemory-policy noeviction),
// because whatever is evicted is no longer limited; a failover there can lose the last counts.
//
// A store sees no numbers, only hashes made with [WithKey], and of each number its country. When it fails, nothing is
// sent or verified; see [FailOpen]. What it has forgotten binds no verification; see [RuleBinding].
//
// # Handles
//
// Keep a Verification on the server, in the person's session. Where it has to live in a browser, or anywhere that somebody
// else can edit it, it must be sealed with a [Sealer], which binds purpose and session always. A guard alone does not protect
// one: by changing its provider or ID, whoever can edit it gets further attempts, and chooses which number is verified and
// for what.
package guard
