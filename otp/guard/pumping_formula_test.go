package guard_test

import (
	"net/netip"
	"time"
)

// formula is a published formula, written again from its description to be compared with:
// authgear-server, docs/specs/fraud-protection.md, with its default ratios and the action to deny.
// It counts what was sent and not typed for each country and each address, and refuses from a share
// of what was typed on. It knows no challenge and nobody.
type formula struct {
	countries, addresses map[string]*tracked
}

// tracked is what a formula knows of a country or an address.
type tracked struct {
	untyped   map[int]time.Time // by the number of the send
	typed     []time.Time
	perDay    [peaceDays + 2]int // typed, by the day
	countries map[string]time.Time
	sends     int
}

func newFormula() *formula { return &formula{map[string]*tracked{}, map[string]*tracked{}} }

func (f *formula) of(all map[string]*tracked, key string) *tracked {
	if all[key] == nil {
		all[key] = &tracked{untyped: map[int]time.Time{}, countries: map[string]time.Time{}}
	}
	return all[key]
}

func formulaCountry(number string) string { return number[:3] }

func addressOf(ip netip.Addr) string {
	if ip.Is4() {
		return ip.String()
	}
	network, _ := ip.Prefix(64)
	return network.String()
}

// within counts the untyped and the typed codes of a while, and drops what is older than a day.
func (k *tracked) within(length time.Duration) (untyped, typed int) {
	now := time.Now()
	for n, at := range k.untyped {
		switch age := now.Sub(at); {
		case age >= dayLong:
			delete(k.untyped, n)
		case age < length:
			untyped++
		}
	}
	for len(k.typed) > 0 && now.Sub(k.typed[0]) >= dayLong {
		k.typed = k.typed[1:]
	}
	for _, at := range k.typed {
		if now.Sub(at) < length {
			typed++
		}
	}
	return untyped, typed
}

func today() int { return int(time.Now().Unix()/(24*60*60)) % (peaceDays + 2) }

func (f *formula) send(p *person, _ int) (any, int, answer) {
	country, address := f.of(f.countries, formulaCountry(p.number)), f.of(f.addresses, addressOf(p.ip))
	usual := 0
	for d, n := range country.perDay {
		if d != today() {
			usual = max(usual, n)
		}
	}
	dayUntyped, dayTyped := country.within(dayLong)
	hourUntyped, hourTyped := country.within(hour)
	ipDay, ipTyped := address.within(dayLong)
	ipHour, _ := address.within(hour)
	others := 0
	for c, at := range address.countries {
		if time.Since(at) < dayLong && c != formulaCountry(p.number) {
			others++
		}
	}
	if dayUntyped >= int(max(20, 0.3*float64(max(usual, dayTyped)))) ||
		hourUntyped >= int(max(3, 0.2*float64(usual)/6, 0.2*float64(hourTyped))) ||
		ipDay >= int(max(10, 0.3*float64(ipTyped))) || ipHour >= int(max(5, 0.2*float64(ipTyped)/6)) || others >= 3 {
		return nil, 0, turnsAway
	}
	country.sends++
	country.untyped[country.sends] = time.Now()
	address.sends++
	address.untyped[address.sends] = time.Now()
	address.countries[formulaCountry(p.number)] = time.Now()
	return [2]int{country.sends, address.sends}, 0, sends
}

func (f *formula) typed(p *person, ticket any) {
	sent := ticket.([2]int)
	for i, k := range []*tracked{f.of(f.countries, formulaCountry(p.number)), f.of(f.addresses, addressOf(p.ip))} {
		delete(k.untyped, sent[i])
		k.typed = append(k.typed, time.Now())
	}
	f.of(f.countries, formulaCountry(p.number)).perDay[today()]++
	delete(f.of(f.addresses, addressOf(p.ip)).countries, formulaCountry(p.number))
}
