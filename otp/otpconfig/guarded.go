package otpconfig

import (
	"crypto/rand"
	"errors"
	"reflect"
	"slices"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

type guardRules struct {
	// AllowCountries are the only countries that are texted, ISO 3166-1: [FR, DE]. Default: all.
	AllowCountries []string `yaml:"allow_countries,omitempty"`
	// DenyCountries are countries that are not texted.
	DenyCountries []string `yaml:"deny_countries,omitempty"`
	// Allow are the only prefixes that are texted: ["+33"]. The longest decides, before a country.
	Allow []string `yaml:"allow,omitempty"`
	// Deny are prefixes that are not texted.
	Deny []string `yaml:"deny,omitempty"`
	// Exempt are networks and prefixes that rules about strangers let pass: [192.0.2.0/24, "+33199"].
	Exempt []string `yaml:"exempt,omitempty"`
	// Budget is how many codes are sent in all. Default: [200/1m, 10000/24h].
	Budget []otp.Rate `yaml:"budget,omitempty"`
	// Reserve is the share of the budget that is kept for known numbers: 0 to 1. Default: 0.3.
	Reserve *float64 `yaml:"reserve,omitempty"`
	// Cooldown are the gaps between the codes of one number. Default: [30s, 60s, 90s, 120s].
	Cooldown []time.Duration `yaml:"cooldown,omitempty"`
	// Number is how many untyped codes a number gets. Default: [5/10m, 10/24h].
	Number []otp.Rate `yaml:"number,omitempty"`
	// Floor is from how many untyped codes on a rule asks for a challenge. See guard.WithFloor.
	Floor floors `yaml:"floor,omitempty"`
	// Attempts is how many codes may be tried for one verification: 1 to 100. Default: 5.
	Attempts *int `yaml:"attempts,omitempty"`
	// WrongCodes is how many codes a number may try without a right one. Default: [30/24h].
	WrongCodes []otp.Rate `yaml:"wrong_codes,omitempty"`
	// TrustVerified is how long a number that has verified is known: 0 to 8784h. Default: 2160h.
	TrustVerified *time.Duration `yaml:"trust_verified,omitempty"`
	// Without are rules that are switched off.
	Without []guard.Rule `yaml:"without,omitempty"`
	// RecordOnly are rules that report and block nothing, or [all] for all rules of a send.
	RecordOnly []guard.Rule `yaml:"record_only,omitempty"`
	// Store is the name of a store that the program hands in. It needs a key. Default: memory.
	Store string `yaml:"store,omitempty"`
	// Key hashes numbers before a store sees them: 16 random bytes or more, the same wherever the
	// store is.
	Key string `yaml:"key,omitempty" mask:"secret"`
	// StoreTimeout bounds every call of the store. Default: 1s.
	StoreTimeout *time.Duration `yaml:"store_timeout,omitempty"`
	// FailOpen lets sends pass, uncounted, while the store fails.
	FailOpen bool `yaml:"fail_open,omitempty"`
}

type floors struct {
	// Number is for one number, of strangers.
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
	if g.RecordOnly != nil && len(g.RecordOnly) == 0 { // guard.RecordOnly takes none for all
		r.add(path+".record_only", n.placeOf("record_only"), "must name one at least")
	}
	if r.has(path) {
		return g
	}
	for _, option := range g.options() {
		if err := tried(option); err != nil {
			r.addFault(path, n, g.fault(err))
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

// tried is what a guard refuses of one option by itself. What contradicts others, building the plan
// finds.
func tried(option guard.Option) error {
	if _, err := guard.New(nobody{}, option); err == nil {
		return nil
	}
	_, err := guard.New(nobody{}, option, guard.Without(guard.RuleNumber, guard.RuleSession, guard.RuleDevice,
		guard.RuleAddress, guard.RuleSubnet, guard.RuleNetwork, guard.RuleBlock, guard.RuleCountry))
	return err
}

func (g *guardRules) fault(err error) *otp.Error {
	failure := faultAt("guard", err)
	rule := strings.ReplaceAll(failure.Err.Error(), "Without", "without")
	for _, prefix := range slices.Concat(g.Allow, g.Deny, g.Exempt) {
		if mayBeNumber(prefix) {
			rule = strings.ReplaceAll(rule, prefix, otp.Mask(prefix))
		}
	}
	failure.Err = errors.New(rule)
	return failure
}

// options are those that the file sets, without the store.
func (g *guardRules) options() (all []guard.Option) {
	add := func(isSet bool, option guard.Option) {
		if isSet {
			all = append(all, option)
		}
	}
	f, recorded := &g.Floor, g.RecordOnly
	if slices.Equal(recorded, []guard.Rule{"all"}) {
		recorded = nil
	}
	add(g.AllowCountries != nil, guard.AllowCountries(g.AllowCountries...))
	add(g.DenyCountries != nil, guard.DenyCountries(g.DenyCountries...))
	add(g.Allow != nil, guard.Allow(g.Allow...))
	add(g.Deny != nil, guard.Deny(g.Deny...))
	add(g.Exempt != nil, guard.Exempt(g.Exempt...))
	add(g.Budget != nil, guard.WithBudget(g.Budget...))
	add(g.Reserve != nil, guard.WithReserve(valueOf(g.Reserve)))
	add(g.Cooldown != nil, guard.WithCooldown(g.Cooldown...))
	add(g.Number != nil, guard.WithNumberLimit(g.Number...))
	add(f.Number != nil, guard.WithFloor(guard.RuleNumber, f.Number...))
	add(f.Session != nil, guard.WithFloor(guard.RuleSession, f.Session...))
	add(f.Device != nil, guard.WithFloor(guard.RuleDevice, f.Device...))
	add(f.Address != nil, guard.WithFloor(guard.RuleAddress, f.Address...))
	add(f.Subnet != nil, guard.WithFloor(guard.RuleSubnet, f.Subnet...))
	add(f.Network != nil, guard.WithFloor(guard.RuleNetwork, f.Network...))
	add(f.Block != nil, guard.WithFloor(guard.RuleBlock, f.Block...))
	add(f.Country != nil, guard.WithFloor(guard.RuleCountry, f.Country...))
	add(f.NewCountries != nil, guard.WithFloor(guard.RuleNewCountries, f.NewCountries...))
	add(g.Attempts != nil, guard.WithAttempts(valueOf(g.Attempts)))
	add(g.WrongCodes != nil, guard.WithWrongCodeLimit(g.WrongCodes...))
	add(g.TrustVerified != nil, guard.TrustVerified(valueOf(g.TrustVerified)))
	add(g.Without != nil, guard.Without(g.Without...))
	add(g.RecordOnly != nil, guard.RecordOnly(recorded...))
	add(g.StoreTimeout != nil, guard.WithStoreTimeout(valueOf(g.StoreTimeout)))
	add(g.Key != "", guard.WithKey([]byte(g.Key)))
	add(g.FailOpen, guard.FailOpen())
	return all
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
