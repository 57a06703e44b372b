// Package guard limits abuse: sending codes to numbers that earn money by them (pumping), flooding
// one number with codes (bombing), guessing codes, and using a code again.
//
// A [Guard] is a provider around a provider. Wrap the outermost one, so that nothing goes past it:
//
//	provider, err := guard.New(router, guard.AllowCountries("FR", "DE"), guard.WithBudget(otp.Rate{Events: 1000, Per: 24 * time.Hour}))
//	...
//	ctx = guard.WithCaller(ctx, guard.Caller{Purpose: "login", IP: ip, Session: session})
//	v, err := provider.Send(ctx, otp.SendRequest{To: number})
//
// # Rules
//
// Everything is counted in one atomic step before the vendor is asked, so that no number of callers
// at once gets past a limit, and is given back when the vendor's outcome is [otp.OutcomeNotSent].
// No window ever holds more than its limit, wherever it begins. A verified code gives back every
// code of that number, purpose and session to every rule but cooldown and budget; [Guard.Satisfied]
// does the same for people who came in by another way.
//
// Rules are asked in this order. Those with floors count untyped codes: sent, and not given back.
// From the floor on they ask for a challenge, see [Refusal.Challenge] and [Caller.Passed], and keep
// asking while an attack goes on. Known numbers, see [TrustVerified], are not counted there, nor
// asked. These are the defaults, and what changes them; [Without] switches a rule off, and
// [RecordOnly] lets it decide without blocking.
//
//	Rule           counts                                      default             option
//	deny           -                                           all are allowed     Allow, AllowCountries
//	hook           -                                           none                BeforeSend
//	cooldown       time between codes, per number and purpose  30s 1m0s 1m30s 2m0s WithCooldown
//	number         untyped codes per number                    5/10m 10/24h        WithNumberLimit
//	number         floor, for strangers                        6/24h               WithFloor
//	session        floor per session                           10/24h              WithFloor
//	device         floor per device                            10/24h              WithFloor
//	address        floor per IPv4 address or IPv6 /64          20/24h              WithFloor
//	subnet         floor per IPv6 /56                          20/24h              WithFloor
//	network        floor per IPv6 /48                          25/24h              WithFloor
//	block          floor per number without its last 4 digits  30/24h              WithFloor
//	country        floor per country                           40/10m 50/1h 60/24h WithFloor
//	new_countries  floor, all new countries together           35/10m 40/1h 45/24h WithFloor
//	budget         codes in all                                200/1m 10000/24h    WithBudget
//	used           verifications that succeeded                1                   -
//	binding        verifications of somebody else, or unknown  0                   -
//	attempts       codes tried per person's live codes         5                   WithAttempts
//	wrong_codes    codes tried per number without a right one  30/24h              WithWrongCodeLimit
//	store          calls while the store fails                 0                   FailOpen
//
// To a floor is added what is usual. For a country that is 1.3 times the most untyped codes of its
// last 14 days, without those on which it asked and the highest fifth of the others, or the share
// of untyped codes of these days applied to what was typed within the window, the larger of the
// two; both grow by a twentieth a day at most. For an address and the like it is 1.75 times that
// share applied to what was typed there. An address also asks for the fourth country of a day
// without a typed code. Where somebody verified within 30 days, the rules about countries do not
// apply to an address until it has three untyped codes. Those who passed a challenge are refused
// from 1.2 times a country's threshold for the day, or 1.5 times an address's; and asked for the
// second challenge when ten of their own codes of an hour or fifteen of a day are untyped, for the
// third at twice that.
//
// Strangers and known callers, whose device or session has verified the number before, are counted
// apart by cooldown, number and wrong_codes. On top of wrong_codes, 100 wrong codes in a row within
// 30 days lock a number, whatever the options say. Binding refuses what a shared store does not
// know: see [RuleBinding].
//
// First set [AllowCountries]: where your users are. Then set the budget to ten normal days;
// [WithReserve] keeps a share of it for known numbers. Rules about IP, session and device do not
// limit a [Caller] without these. docs/abuse.md measures what all of this stops, and says what
// nothing stops.
//
// # What to do when a call is refused
//
// Every refusal is an [*otp.Error] with a [*Refusal] in it. Say the same whether or not a number
// has an account.
//
//   - Any rule with a Challenge: have the person pass it, and call again with [Caller.Passed].
//   - cooldown, number: show the field for the code anyway, and a countdown of RetryAfter. When a
//     code is on its way, Send returns its verification to the session that owns it, together with
//     the error.
//   - The other limits ([otp.ErrRateLimited]): say that it does not work now, and offer another way
//     to sign in. Somebody has to be told about country, new_countries and budget: it is an attack,
//     or a vendor that does not deliver.
//   - deny, hook ([otp.ErrRefused]): say that no code can be sent to this number.
//   - attempts ([otp.ErrTooManyAttempts]): offer a new code.
//   - wrong_codes ([otp.ErrTooManyAttempts], with RetryAfter): a new code does not help; waiting
//     does, or [Guard.Unlock].
//   - used, binding ([otp.ErrAlreadyVerified], [otp.ErrNotFound]): start again.
//   - store ([otp.ErrUnavailable], and not [otp.ErrRefused]): say that it does not work now. With
//     [otp.OutcomeAccepted] on Verify the code was right and is spent; still nobody is signed in.
//
// # Stores
//
// Without [WithStore] a guard counts in its own memory: several processes then allow several times
// as much, and a restart forgets. Package otpredis shares counts through Redis. Its database must
// not evict keys (maxmemory-policy noeviction), because sends whose counts are evicted are no
// longer limited; a failover there can lose the last counts. Guesses stay limited: a verification
// that a shared store has lost, or never had, is refused, and the person needs a new code.
//
// A store sees no numbers, only hashes made with [WithKey], and of each number its country.
// [Guard.Forget] removes what it holds about one. When it fails, nothing is sent or verified; see
// [FailOpen].
//
// # Handles
//
// Keep a Verification on the server, in the person's session. Where it has to live in a browser, or
// anywhere that somebody else can edit it, it must be sealed with a [Sealer], which always binds
// purpose and session. A guard alone does not protect one: by changing its provider or ID, anyone
// who can edit it gets further attempts, and chooses which number is verified and for what.
package guard
