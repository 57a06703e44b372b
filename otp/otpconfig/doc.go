// Package otpconfig makes an otp.Provider from a file or the environment, so that a program changes
// its vendors without a change of code. It is the only package that knows all of them; a program
// that imports one vendor does not need it.
//
//	provider, end, err := otpconfig.Open(ctx, "otp.yaml")
//	...
//	defer end()
//	v, err := provider.Send(ctx, otp.SendRequest{To: "+905321234567"})
//
// [Open] also follows the file; [Load] and [Config.Provider] do not. docs/configuration.md lists
// all fields.
//
// # The file
//
// YAML, or JSON of the same shape. A whole one:
//
//	# yaml-language-server: $schema=https://raw.githubusercontent.com/otp-sdk/otp-go/main/otp/otpconfig/schema.json
//	providers:
//	  main:                            # the name, which lives in stored verifications: keep it
//	    vendor: kaleyra
//	    sid: HXXXXXXX071US
//	    api_key: ${KALEYRA_API_KEY}
//	    flow_id: ${KALEYRA_FLOW_ID:-}
//	    flow: {code_length: 6, ttl: 5m, channels: [sms]}
//	    timeout: 5s                    # from here on, what every provider may have
//	    retry: {max_attempts: 2, min_wait: 100ms, max_wait: 1s}
//	    send_limit: 250/1m
//	    verify_limit: unlimited
//	    breaker: {faults: 5, open_for: 30s}
//	  backup:
//	    vendor: insider
//	    api_key_file: /run/secrets/insider
//	    channels: [sms]                # by no other, also when a code is sent again
//	  whatsapp:
//	    vendor: hypersender
//	    instance: 3c4e6b0e-7d0a-4d5c-9d7f-2f7a1f6f2a55
//	    token: ${HYPERSENDER_TOKEN}
//	    app_name: Acme
//	  old:
//	    vendor: octopush
//	    api_login: ${OCTOPUSH_API_LOGIN}
//	    api_key: ${OCTOPUSH_API_KEY}
//
//	send:                              # one provider needs no strategy
//	  by_prefix:
//	    "+90": {failover: [main, backup]}
//	    "+49": {weighted: [{provider: backup, weight: 9}, {provider: whatsapp, weight: 1}]}
//	    "": main
//
//	verify_only: [old]                 # sends no more, and still verifies what it has sent
//
//	guard:                             # see package guard, whose defaults hold for the rest
//	  allow_countries: [TR, DE]
//	  budget: [100/1m, 2000/24h]
//
// The fields of a vendor are those of its Config; "octopush" is another name of "smsfactor". send
// is a provider's name or one of failover, weighted, by_prefix and learning (see package route),
// whose branches are such names and strategies in turn. A router may be given a name, for metrics;
// otherwise it has one that is derived from its place: "send", "send.0", "send.90", and
// "send.prefix-0" at a prefix that is long enough to be somebody's number.
//
// In any text, ${NAME} is a variable, which has to be set, ${NAME:-default} one with a default, and
// $${ a plain ${. They are put in after the file was parsed, so no value can change its structure.
// A secret field, say api_key, may be given as api_key_file instead: the path of a file whose
// contents it is. White space and a byte order mark around it are left out, and so are quotes
// around the whole secret, wherever it comes from. A path that is not absolute begins at the folder
// of the configuration.
//
// What looks like a number is still text where a text belongs: "+33…" and "0123" stay as they are.
// (JSON has strings for that, and a number is refused.) A file has at most 256 KiB and 10,000
// values. Fields at the top whose names begin with "x-" mean nothing; they are a place for anchors.
//
// # Errors
//
// A configuration is read as a whole, and everything that is wrong is reported at once, each
// problem as an otp.ErrMisconfigured with its path as Field, on a line of its own with the rule and
// the line of the file:
//
//	config: misconfigured: providers.main.vendor: is no vendor; did you mean kaleyra? (otp.yaml:3)
//	config: misconfigured: providers.main.api_key: is missing; give it, or api_key_file (otp.yaml:2)
//
// No error shows a value, and a name only if it could not be one: an unknown field that may be a
// secret in the wrong place is "?", and a missing variable is named only in capitals. Names of
// providers are always shown.
//
// # Changing it while the program runs
//
// [Open], or [Config.Watch] for a route.Switch of your own, follows the file. A code that was sent
// before is verified by the provider that sent it, if that is still in the file or was there until
// recently. Limits, pauses, breakers and what a guard has counted stay.
//
// A vendor's key in a file is also read again when the vendor refuses the one in use, and the call
// is repeated: a new key that is in the file before the old one ends loses no call.
package otpconfig
