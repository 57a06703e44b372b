package guard_test

import (
	"flag"
	"fmt"
	"net/netip"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// shape is one day that is measured after two weeks of peace.
type shape struct {
	name        string
	firstDay    bool // without the peace
	newTimes    float64
	robotPasses float64
	robotTypes  float64
	attack      func(w *world)
	eachDay     func(w *world, day int)
	crowd       func(c *crowd)
}

func (w *world) anywhere() *person { return &person{number: w.homeNumber(), ip: w.anyAddress()} }

func (w *world) inBlocks(n int) func() *person {
	var blocks []string
	for range n {
		blocks = append(blocks, w.homeNumber()[:9])
	}
	return func() *person { return &person{number: w.digits(blocks[w.random.IntN(n)], 13), ip: w.anyAddress()} }
}

func (w *world) farCountries(ip func() netip.Addr) func() *person {
	countries := []string{"+2126", "+2567", "+9477", "+23480", "+8801", "+99890", "+855", "+25261"}
	return func() *person {
		return &person{number: w.digits(countries[w.random.IntN(len(countries))], 13), ip: ip()}
	}
}

func (w *world) fromAddresses(ips ...netip.Addr) func() *person {
	return func() *person { return &person{number: w.homeNumber(), ip: ips[w.random.IntN(len(ips))]} }
}

func (w *world) fromNetwork48() func() *person {
	return func() *person {
		ip := netip.MustParseAddr("2001:db8:77::").As16()
		for i := 6; i < 16; i++ {
			ip[i] = byte(w.random.UintN(256))
		}
		return &person{number: w.homeNumber(), ip: netip.AddrFrom16(ip)}
	}
}

// office is so many new people of one address within a while.
func (w *world) office(n int, begin, length time.Duration) {
	for range n {
		p := w.newPerson()
		p.ip, p.group = netip.MustParseAddr("198.51.100.7"), "office"
		w.after(begin+time.Duration(w.random.Int64N(int64(length))), func() { w.arrive(p) })
	}
}

func wholeCountry(perHour float64) func(w *world) {
	return func(w *world) { w.attack(perHour, dayLong, w.anywhere) }
}

func attacks() []shape {
	return []shape{
		{name: "1 whole country, rotating addresses, 2,000/h", attack: wholeCountry(2000)},
		{name: "2 twenty blocks of numbers, 2,000/h", attack: func(w *world) { w.attack(2000, dayLong, w.inBlocks(20)) }},
		{name: "3 whole country, 100/h", attack: wholeCountry(100)},
		{name: "4 one address, 8 other countries, 500/h", attack: func(w *world) {
			ip := w.anyAddress()
			w.attack(500, dayLong, w.farCountries(func() netip.Addr { return ip }))
		}},
		{name: "5 rotating, 8 other countries, 500/h", attack: func(w *world) { w.attack(500, dayLong, w.farCountries(w.anyAddress)) }},
		{name: "6 one IPv6 /48, 2,000/h", attack: func(w *world) { w.attack(2000, dayLong, w.fromNetwork48()) }},
		{name: "7 bombs one number, 3/h", attack: func(w *world) {
			number := w.homeNumber()
			w.attack(3, dayLong, func() *person { return &person{number: number, ip: w.anyAddress()} })
			for range 13 {
				p := &person{number: number, ip: w.anyAddress(), group: "concerned", device: "of the owner"}
				w.after(w.momentOfDay(), func() { w.arrive(p) })
			}
		}},
		{name: "8 one block of numbers, 10/h", attack: func(w *world) {
			target := w.inBlocks(1)
			w.attack(10, dayLong, target)
			for range 62 {
				p := target()
				p.group = "concerned"
				w.after(w.momentOfDay(), func() { w.arrive(p) })
			}
		}},
	}
}

func harderAttacks() []shape {
	return []shape{
		{name: "1, robots pass 1 %", attack: wholeCountry(2000), robotPasses: 0.01},
		{name: "1, robots pass 5 %", attack: wholeCountry(2000), robotPasses: 0.05},
		{name: "1, robots pass all", attack: wholeCountry(2000), robotPasses: 1},
		{name: "a whole country, 20/h", attack: wholeCountry(20)},
		{name: "b as 1, a tenth through the carrier", attack: func(w *world) {
			w.attack(2000, dayLong, func() *person {
				p := w.anywhere()
				if w.random.IntN(10) == 0 {
					p.ip = carrierAddress(w.random.IntN(8))
				}
				return p
			})
		}},
		{name: "c one address of the carrier, 2,000/h", attack: func(w *world) { w.attack(2000, dayLong, w.fromAddresses(carrierAddress(3))) }},
		{name: "d five addresses, 2,000/h", attack: func(w *world) {
			w.attack(2000, dayLong, w.fromAddresses(w.anyAddress(), w.anyAddress(), w.anyAddress(), w.anyAddress(), w.anyAddress()))
		}},
		{name: "d' one address, 2,000/h", attack: func(w *world) { w.attack(2000, dayLong, w.fromAddresses(w.anyAddress())) }},
		{name: "d'' one address, passes all", robotPasses: 1, attack: func(w *world) { w.attack(2000, dayLong, w.fromAddresses(w.anyAddress())) }},
		{name: "d''' one /48, passes all", robotPasses: 1, attack: func(w *world) { w.attack(2000, dayLong, w.fromNetwork48()) }},
		{name: "e twenty blocks, half of the codes typed", robotTypes: 0.5, attack: func(w *world) { w.attack(2000, dayLong, w.inBlocks(20)) }},
		{name: "k twenty blocks, all codes typed", robotTypes: 1, attack: func(w *world) { w.attack(2000, dayLong, w.inBlocks(20)) }},
		{name: "f as 1, after raising the history", attack: wholeCountry(2000), eachDay: func(w *world, d int) {
			perHour := 1.0
			for range d {
				perHour *= 1.25
			}
			w.attack(perHour, dayLong, w.anywhere)
		}},
		{name: "g as 1, on the first day", firstDay: true, attack: wholeCountry(2000)},
		{name: "h as 1, 100 honest codes a day", attack: wholeCountry(2000), crowd: func(c *crowd) { c.perDay, c.regular = 100, 300 }},
		{name: "i as 1, 10,000 honest codes a day", attack: wholeCountry(2000), crowd: func(c *crowd) { c.perDay, c.regular = 10_000, 30_000 }},
		{name: "j as 1, for one hour", attack: func(w *world) { w.attack(2000, hour, w.anywhere) }},
	}
}

func peaces() []shape {
	return []shape{
		{name: "peace"},
		{name: "peace, an office of 200 new people within an hour", attack: func(w *world) { w.office(200, 9*hour, hour) }},
		{name: "peace, everybody behind 8 addresses", crowd: func(c *crowd) { c.carrier = 1 }},
		{name: "peace, ten times the sign-ups", newTimes: 10},
		{name: "peace, the first day", firstDay: true},
	}
}

var (
	table = flag.Bool("table", false, "print the table of TestPumping, with 20 seeds")
	seeds = flag.Int("seeds", 20, "seeds of the table")
	only_ = flag.String("shape", "", "only shapes whose name begins so")
)

// row is the mean of some seeds.
type row struct {
	texts, worstTexts                     float64
	knownRefused, knownAsked              float64 // people
	newRefused, newAsked                  float64 // shares
	honestRefused, honestAsked            []float64
	concerned, concernedRef, concernedAsk float64
}

func measure(t *testing.T, s shape, c crowd, n int, newAsker func(tb testing.TB, c crowd) asker) row {
	t.Helper()
	if s.crowd != nil {
		s.crowd(&c)
	}
	var mu sync.Mutex
	var r row
	var fresh counts
	t.Run(fmt.Sprint(s.name, c.typed, c.tries), func(t *testing.T) {
		for seed := range n {
			t.Run(fmt.Sprint(seed), func(t *testing.T) {
				t.Parallel()
				w := simulate(t, s, c, uint64(seed+1), newAsker)
				mu.Lock()
				defer mu.Unlock()
				share := 1 / float64(n)
				r.texts += float64(w.robots.texts) * share
				r.worstTexts = max(r.worstTexts, float64(w.robots.texts))
				r.knownRefused += float64(w.known.refused) * share
				r.knownAsked += float64(w.known.asked) * share
				fresh.people += w.fresh.people
				fresh.refused += w.fresh.refused
				fresh.asked += w.fresh.asked
				people := float64(w.fresh.people + w.known.people)
				r.honestRefused = append(r.honestRefused, float64(w.fresh.refused+w.known.refused)/people)
				r.honestAsked = append(r.honestAsked, float64(w.fresh.asked+w.known.asked)/people)
				for _, g := range w.groups {
					r.concerned += float64(g.people) * share
					r.concernedRef += float64(g.refused) * share
					r.concernedAsk += float64(g.asked) * share
				}
			})
		}
	})
	r.newRefused = float64(fresh.refused) / float64(max(1, fresh.people))
	r.newAsked = float64(fresh.asked) / float64(max(1, fresh.people))
	return r
}

func guardWithDefaults(tb testing.TB, c crowd) asker {
	return newGuardedAsker(tb, guard.WithBudget(otp.Rate{Events: 10 * c.perDay, Per: dayLong}))
}

func TestPumping(t *testing.T) {
	if !*table {
		t.Skip()
	}
	var out strings.Builder
	for _, s := range append(attacks(), harderAttacks()...) {
		if !strings.HasPrefix(s.name, *only_) {
			continue
		}
		start := time.Now()
		one := measure(t, s, usualCrowd(), *seeds, guardWithDefaults)
		patient := usualCrowd()
		patient.tries = 2
		two := row{}
		if *seeds > 3 {
			two = measure(t, s, patient, *seeds, guardWithDefaults)
		}
		fmt.Fprintf(&out, "%-45s %6.0f (%4.0f) $%5.1f known %4.1f asked %4.1f | new refused %5.2f %% (two tries %5.2f) asked %5.2f %% | %.1f/%.1f of %.0f  %v\n", s.name, one.texts, one.worstTexts,
			one.texts*textCosts, one.knownRefused, one.knownAsked, 100*one.newRefused, 100*two.newRefused, 100*one.newAsked, one.concernedRef, one.concernedAsk, one.concerned, time.Since(start).Round(time.Second))
	}
	for _, s := range peaces() {
		if !strings.HasPrefix(s.name, *only_) {
			continue
		}
		for _, typed := range []float64{0.4, 0.5, 0.65, 0.9, 0.95} {
			if *only_ != "" && *typedOnly > 0 && typed != *typedOnly {
				continue
			}
			c := usualCrowd()
			c.typed = typed
			r := measure(t, s, c, *seeds, guardWithDefaults)
			refMed, refWorst := medianAndWorst(r.honestRefused)
			askMed, askWorst := medianAndWorst(r.honestAsked)
			fmt.Fprintf(&out, "%-45s %.0f %% typed: refused %.3f (%.3f) asked %.3f (%.3f) %% office %.1f/%.1f of %.0f\n", s.name, 100*typed, 100*refMed, 100*refWorst, 100*askMed, 100*askWorst, r.concernedRef, r.concernedAsk, r.concerned)
		}
	}
	fmt.Print(out.String())
	for k, n := range debugCount {
		fmt.Println(k, n)
	}
	_ = guard.RuleAddress
}

func medianAndWorst(all []float64) (median, worst float64) {
	sorted := append([]float64(nil), all...)
	for i := range sorted {
		for j := i; j > 0 && sorted[j] < sorted[j-1]; j-- {
			sorted[j], sorted[j-1] = sorted[j-1], sorted[j]
		}
	}
	return sorted[len(sorted)/2], sorted[len(sorted)-1]
}

var typedOnly = flag.Float64("typed", 0, "")
