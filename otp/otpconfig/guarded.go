package otpconfig

import (
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/redact"
	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// guardRules are the limits on abuse, see package guard, whose defaults hold for what is left out.
type guardRules struct {
	// AllowCountries are the only countries that are texted, as ISO 3166-1 alpha-2: [FR, DE].
	// Default: all. Set this first.
	AllowCountries []string `yaml:"allow_countries,omitempty"`

	// DenyCountries are countries that are not texted.
	DenyCountries []string `yaml:"deny_countries,omitempty"`

	// Allow are prefixes of numbers that are texted, and no others: ["+33"]. The longest prefix
	// decides, and a prefix goes before a country.
	Allow []string `yaml:"allow,omitempty"`

	// Deny are prefixes that are not texted.
	Deny []string `yaml:"deny,omitempty"`

	// Exempt are addresses, networks and prefixes of numbers that the rules about strangers do not
	// apply to: [192.0.2.0/24, "+33199"].
	Exempt []string `yaml:"exempt,omitempty"`

	// Budget is how many codes are sent in all: [200/1m, 10000/24h], which is the default. Set it to
	// ten normal days.
	Budget []otp.Rate `yaml:"budget,omitempty"`

	// Reserve is the share of the budget that is kept for known numbers: 0 to 1. Default: 0.3.
	Reserve *float64 `yaml:"reserve,omitempty"`

	// Cooldown are the gaps between one code and the next for one number. Default: [30s, 60s, 90s,
	// 120s].
	Cooldown []time.Duration `yaml:"cooldown,omitempty"`

	// Number is how many codes a number gets that are not typed. Default: [5/10m, 10/24h].
	Number []otp.Rate `yaml:"number,omitempty"`

	// Floor says from how many untyped codes on a rule asks for a challenge.
	Floor floors `yaml:"floor,omitempty"`

	// Attempts is how many codes may be tried for one verification: 1 to 100. Default: 5.
	Attempts *int `yaml:"attempts,omitempty"`

	// WrongCodes is how many codes may be tried for a number without a right one. Default: [30/24h].
	WrongCodes []otp.Rate `yaml:"wrong_codes,omitempty"`

	// TrustVerified is how long a number is known after it has verified a code: up to "8784h", which is
	// 366 days. Default: "2160h", 90 days.
	TrustVerified *time.Duration `yaml:"trust_verified,omitempty"`

	// Without are rules that are switched off.
	Without []guard.Rule `yaml:"without,omitempty"`

	// RecordOnly are rules that decide, count and report, but block nothing: rules, or [all] for all
	// rules of a send.
	RecordOnly []guard.Rule `yaml:"record_only,omitempty"`

	// Store is the name of a store that the program hands in, which several processes share. It needs
	// a key. Default: the memory of this process.
	Store string `yaml:"store,omitempty"`

	// Key hashes numbers before a store sees them: a random text of 16 bytes or more, as of "openssl
	// rand -base64 32", the same for all that share the store.
	Key string `yaml:"key,omitempty" mask:"secret"`

	// StoreTimeout bounds every call of the store. Default: 1s.
	StoreTimeout *time.Duration `yaml:"store_timeout,omitempty"`

	// FailOpen lets sends pass, uncounted, while the store fails.
	FailOpen bool `yaml:"fail_open,omitempty"`
}

// floors are rates by rule, of which the first that is reached asks. See guard.WithFloor.
type floors struct {
	// Number is for strangers who ask for one number.
	Number []otp.Rate `yaml:"number,omitempty"`

	// Session is for one session.
	Session []otp.Rate `yaml:"session,omitempty"`

	// Device is for one device.
	Device []otp.Rate `yaml:"device,omitempty"`

	// Address is for an IPv4 address or an IPv6 /64.
	Address []otp.Rate `yaml:"address,omitempty"`

	// Subnet is for an IPv6 /56.
	Subnet []otp.Rate `yaml:"subnet,omitempty"`

	// Network is for an IPv6 /48.
	Network []otp.Rate `yaml:"network,omitempty"`

	// Block is for numbers that differ in their last four digits only.
	Block []otp.Rate `yaml:"block,omitempty"`

	// Country is for one country.
	Country []otp.Rate `yaml:"country,omitempty"`

	// NewCountries is for all countries together that are new to the guard.
	NewCountries []otp.Rate `yaml:"new_countries,omitempty"`
}

// MarshalJSON hides the key.
func (g guardRules) MarshalJSON() ([]byte, error) { return redact.MarshalJSON(g) }

// guard reads the section. Options that contradict each other are found when the plan is built.
func (r reader) guard(n *node) *guardRules {
	const path = "guard"
	if n == nil {
		return nil
	}
	g := new(guardRules)
	if n.kind == mapping {
		fields, _ := fieldsOf(reflect.TypeFor[guardRules]()) // the tests check them
		r.readSecrets(path, n, fields)
	}
	decoder{r.problems}.value(path, n, reflect.ValueOf(g).Elem())
	if r.has(path) {
		return g
	}
	if g.Store != "" && g.Key == "" {
		r.add(path+".key", n.placeOf("key"), "is missing; a store needs it, or key_file")
	}
	r.refuseUnknown(path+".without", n.member("without"), countedRules())
	r.refuseUnknown(path+".record_only", n.member("record_only"), append(countedRules(), "deny", "hook", "all"))
	if r.has(path) {
		return g
	}
	for _, option := range g.options() {
		if err := tried(option); err != nil {
			failure := g.fault(err)
			r.add(failure.Field, n.find(strings.TrimPrefix(failure.Field, path+".")), failure.Err.Error())
		}
	}
	return g
}

// countedRules are the names of the rules that can be switched off, as guard.Without takes them.
func countedRules() []string {
	return []string{
		"cooldown", "number", "session", "device", "address", "subnet", "network", "block", "country", "new_countries",
		"budget", "attempts", "wrong_codes",
	}
}

// refuseUnknown reports the items of a list that are none of names.
func (r reader) refuseUnknown(path string, n *node, names []string) {
	if n == nil {
		return
	}
	for i, item := range n.items {
		if !slices.Contains(names, item.literal) {
			r.addUnknown(index(path, i), item.at, "is no rule", item.literal, names)
		}
	}
}

// tried is what a guard refuses of one option by itself. What contradicts others, such as a floor those of other rules,
// is found when the plan is built.
func tried(option guard.Option) error {
	if _, err := guard.New(nobody{}, option); err == nil {
		return nil
	}
	_, err := guard.New(nobody{}, option, guard.Without(guard.RuleNumber, guard.RuleSession, guard.RuleDevice,
		guard.RuleAddress, guard.RuleSubnet, guard.RuleNetwork, guard.RuleBlock, guard.RuleCountry))
	return err
}

// fault is an error of package guard, with the field's path in the file, and without whole numbers.
func (g *guardRules) fault(err error) *otp.Error {
	failure := &otp.Error{Op: "config", Kind: otp.ErrMisconfigured, Outcome: otp.OutcomeNotSent, Field: "guard", Err: err}
	var refused *otp.Error
	if errors.As(err, &refused) {
		failure.Field, failure.Err = strings.TrimSuffix("guard."+refused.Field, "."), refused.Err
	}
	rule := failure.Err.Error()
	for _, prefix := range slices.Concat(g.Allow, g.Deny, g.Exempt) {
		if mayBeNumber(prefix) {
			rule = strings.ReplaceAll(rule, prefix, otp.Mask(prefix))
		}
	}
	failure.Err = errors.New(strings.ReplaceAll(rule, "Without", "without"))
	return failure
}

// options are those that the file sets, without the store.
func (g *guardRules) options() []guard.Option {
	var all []guard.Option
	for _, rates := range []struct {
		rates []otp.Rate
		with  func(...otp.Rate) guard.Option
	}{
		{g.Budget, guard.WithBudget},
		{g.Number, guard.WithNumberLimit},
		{g.WrongCodes, guard.WithWrongCodeLimit},
		{g.Floor.Number, floorOf(guard.RuleNumber)},
		{g.Floor.Session, floorOf(guard.RuleSession)},
		{g.Floor.Device, floorOf(guard.RuleDevice)},
		{g.Floor.Address, floorOf(guard.RuleAddress)},
		{g.Floor.Subnet, floorOf(guard.RuleSubnet)},
		{g.Floor.Network, floorOf(guard.RuleNetwork)},
		{g.Floor.Block, floorOf(guard.RuleBlock)},
		{g.Floor.Country, floorOf(guard.RuleCountry)},
		{g.Floor.NewCountries, floorOf(guard.RuleNewCountries)},
	} {
		all = append(all, listed(rates.rates, rates.with)...)
	}
	all = append(all, listed(g.AllowCountries, guard.AllowCountries)...)
	all = append(all, listed(g.DenyCountries, guard.DenyCountries)...)
	all = append(all, listed(g.Allow, guard.Allow)...)
	all = append(all, listed(g.Deny, guard.Deny)...)
	all = append(all, listed(g.Exempt, guard.Exempt)...)
	all = append(all, listed(g.Cooldown, guard.WithCooldown)...)
	all = append(all, listed(g.Without, guard.Without)...)
	all = append(all, listed(g.RecordOnly, recordOnly)...)
	all = append(all, given(g.Reserve, guard.WithReserve)...)
	all = append(all, given(g.Attempts, guard.WithAttempts)...)
	all = append(all, given(g.TrustVerified, guard.TrustVerified)...)
	all = append(all, given(g.StoreTimeout, guard.WithStoreTimeout)...)
	if g.Key != "" {
		all = append(all, guard.WithKey([]byte(g.Key)))
	}
	if g.FailOpen {
		all = append(all, guard.FailOpen())
	}
	return all
}

func floorOf(rule guard.Rule) func(...otp.Rate) guard.Option {
	return func(rates ...otp.Rate) guard.Option { return guard.WithFloor(rule, rates...) }
}

func recordOnly(rules ...guard.Rule) guard.Option {
	if slices.Equal(rules, []guard.Rule{"all"}) {
		rules = nil
	}
	return guard.RecordOnly(rules...)
}

// listed is the option for a list that the file has, be it empty.
func listed[T any](list []T, with func(...T) guard.Option) []guard.Option {
	if list == nil {
		return nil
	}
	return []guard.Option{with(list...)}
}

// given is the option for a value that the file has.
func given[T any](value *T, with func(T) guard.Option) []guard.Option {
	if value == nil {
		return nil
	}
	return []guard.Option{with(*value)}
}

// guardMemory is what a guard without a store counts in. It outlives a reload.
type guardMemory struct {
	store *guard.Memory
	key   []byte
}

func newGuardMemory() *guardMemory {
	key := make([]byte, 32)
	_, _ = rand.Read(key) // never fails
	return &guardMemory{newMemory(), key}
}

// around puts the guard around a provider. A nil one puts nothing around it.
func (g *guardRules) around(p otp.Provider, program *Registry, b *assembly) (otp.Provider, error) {
	if g == nil {
		return p, nil
	}
	memory := otp.SharedValue(b.shared, "guard", newGuardMemory)
	store := guard.Store(memory.store)
	if g.Store != "" {
		named, err := handedIn(b, "guard.store", g.Store, program.Stores)
		if err != nil {
			return nil, err
		}
		if named != nil {
			store = named
		}
	}
	options := slices.Concat([]guard.Option{guard.WithStore(store), guard.WithKey(memory.key)}, g.options(), program.Guard)
	made, err := guard.New(p, options...)
	if err != nil {
		return nil, g.fault(err)
	}
	return made, nil
}
