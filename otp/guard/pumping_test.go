package guard_test

import (
	"flag"
	"fmt"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

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
		{name: "whole country, 20/h", attack: wholeCountry(20)},
		{name: "as 1, a tenth through the carrier", attack: func(w *world) {
			w.attack(2000, dayLong, func() *person {
				p := w.anywhere()
				if w.random.IntN(10) == 0 {
					p.ip = carrierAddress(w.random.IntN(8))
				}
				return p
			})
		}},
		{name: "one address of the carrier, 2,000/h", attack: func(w *world) { w.attack(2000, dayLong, w.fromAddresses(carrierAddress(3))) }},
		{name: "five addresses, 2,000/h", attack: func(w *world) {
			w.attack(2000, dayLong, w.fromAddresses(w.anyAddress(), w.anyAddress(), w.anyAddress(), w.anyAddress(), w.anyAddress()))
		}},
		{name: "one address, 2,000/h", attack: func(w *world) { w.attack(2000, dayLong, w.fromAddresses(w.anyAddress())) }},
		{name: "one address, robots pass all", robotPasses: 1, attack: func(w *world) { w.attack(2000, dayLong, w.fromAddresses(w.anyAddress())) }},
		{name: "one IPv6 /48, robots pass all", robotPasses: 1, attack: func(w *world) { w.attack(2000, dayLong, w.fromNetwork48()) }},
		{name: "twenty blocks, half of the codes typed", robotTypes: 0.5, attack: func(w *world) { w.attack(2000, dayLong, w.inBlocks(20)) }},
		{name: "twenty blocks, all codes typed", robotTypes: 1, attack: func(w *world) { w.attack(2000, dayLong, w.inBlocks(20)) }},
		{name: "as 1, after raising the history", attack: wholeCountry(2000), eachDay: func(w *world, d int) {
			perHour := 1.0
			for range d {
				perHour *= 1.25
			}
			w.attack(perHour, dayLong, w.anywhere)
		}},
		{name: "as 1, on the first day", firstDay: true, attack: wholeCountry(2000)},
		{name: "as 1, 100 honest codes a day", attack: wholeCountry(2000), crowd: func(c *crowd) { c.perDay, c.regular = 100, 300 }},
		{name: "as 1, 10,000 honest codes a day", attack: wholeCountry(2000), crowd: func(c *crowd) { c.perDay, c.regular = 10_000, 30_000 }},
		{name: "as 1, for one hour", attack: func(w *world) { w.attack(2000, hour, w.anywhere) }},
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

// The table is printed by
//
//	go test ./otp/guard -run TestPumping -table -timeout 2h
var (
	table    = flag.Bool("table", false, "print the table of TestPumping")
	seeds    = flag.Int("seeds", 20, "how many seeds a row of the table is the mean of")
	seedFrom = flag.Uint64("seed", 1, "the first of them")
	rows     = flag.String("rows", "", "print only rows whose name begins so")
)

// row sums up the same day with several seeds.
type row struct {
	texts, worst             float64 // of robots
	knownRefused             float64 // people in a run
	newRefused, newAsked     float64 // shares
	refused, asked           []float64
	concerned                float64
	concernedRef, concernAsk float64
}

// measure runs a shape with so many seeds.
func measure(t *testing.T, s shape, c crowd, n int, newAsker func(tb testing.TB, c crowd) asker) row {
	t.Helper()
	if s.crowd != nil {
		s.crowd(&c)
	}
	var mu sync.Mutex
	var r row
	var fresh counts
	share := 1 / float64(n)
	t.Run("run", func(t *testing.T) {
		for i := range n {
			t.Run(fmt.Sprint(i), func(t *testing.T) {
				t.Parallel()
				w := simulate(t, s, c, *seedFrom+uint64(i), newAsker)
				mu.Lock()
				defer mu.Unlock()
				r.texts += float64(w.robots.texts) * share
				r.worst = max(r.worst, float64(w.robots.texts))
				r.knownRefused += float64(w.known.refused) * share
				fresh.people += w.fresh.people
				fresh.refused += w.fresh.refused
				fresh.asked += w.fresh.asked
				people := float64(w.fresh.people + w.known.people)
				r.refused = append(r.refused, 100*float64(w.fresh.refused+w.known.refused)/people)
				r.asked = append(r.asked, 100*float64(w.fresh.asked+w.known.asked)/people)
				for _, g := range w.groups {
					r.concerned += float64(g.people) * share
					r.concernedRef += float64(g.refused) * share
					r.concernAsk += float64(g.asked) * share
				}
			})
		}
	})
	r.newRefused = 100 * float64(fresh.refused) / float64(max(1, fresh.people))
	r.newAsked = 100 * float64(fresh.asked) / float64(max(1, fresh.people))
	slices.Sort(r.refused)
	slices.Sort(r.asked)
	return r
}

// guardWithDefaults has a budget of ten normal days, as its comment advises.
func guardWithDefaults(tb testing.TB, c crowd) asker {
	tb.Helper()
	return newGuardedAsker(tb, guard.WithBudget(otp.Rate{Events: 10 * c.perDay, Per: dayLong}))
}

func publishedFormula(testing.TB, crowd) asker { return newFormula() }

// TestPumping is the bench: two weeks of peace, and then a day of attack or of peace that is
// measured. Without -table it runs some rows with few seeds, and checks what the guard promises.
func TestPumping(t *testing.T) {
	if *table {
		printTable(t)
		return
	}
	const n = 1
	patient := usualCrowd()
	patient.tries = 2
	for _, s := range attacks() {
		t.Run(s.name, func(t *testing.T) {
			r := measure(t, s, patient, n, guardWithDefaults)
			assert.LessOrEqual(t, r.worst, 110.0, "texts")
			assert.Zero(t, r.knownRefused)
			assert.LessOrEqual(t, r.newRefused, 0.7)
		})
	}
	for name, most := range map[string]float64{"robots pass 1 %": 120, "robots pass all": 190} {
		t.Run(name, func(t *testing.T) {
			for _, s := range harderAttacks() {
				if s.name == "1, "+name {
					r := measure(t, s, patient, n, guardWithDefaults)
					assert.LessOrEqual(t, r.worst, most, "texts")
					assert.Zero(t, r.knownRefused)
				}
			}
		})
	}
	for _, s := range peaces() {
		t.Run(s.name, func(t *testing.T) {
			c := usualCrowd()
			c.typed = 0.65
			r := measure(t, s, c, n, guardWithDefaults)
			assert.LessOrEqual(t, r.refused[n-1], 0.5)
			assert.LessOrEqual(t, r.asked[n-1], 0.5)
		})
	}
}

func printTable(t *testing.T) {
	t.Helper()
	write := func(format string, args ...any) {
		_, err := fmt.Fprintf(t.Output(), format, args...)
		require.NoError(t, err)
	}
	write("%s\n", "| attack | texts out (worst) | money | known refused | new refused, one try | two tries | new asked | formula: texts | known refused | new refused |")
	write("%s\n", "| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |")
	for _, s := range append(attacks(), harderAttacks()...) {
		if !strings.HasPrefix(s.name, *rows) {
			continue
		}
		one := measure(t, s, usualCrowd(), *seeds, guardWithDefaults)
		patient := usualCrowd()
		patient.tries = 2
		two := measure(t, s, patient, *seeds, guardWithDefaults)
		other := measure(t, s, usualCrowd(), max(1, *seeds/5), publishedFormula)
		write("| %s | %.0f (%.0f) | %.1f | %.1f | %.1f %% | %.2f %% | %.0f %% | %.0f | %.0f | %.0f %% |\n", s.name, one.texts, one.worst,
			one.texts*textCosts, one.knownRefused, one.newRefused, two.newRefused, one.newAsked, other.texts, other.knownRefused, other.newRefused)
		if one.concerned > 0 {
			write("| of %.0f people concerned | %.1f refused, %.1f asked | | | | | | %.1f refused | | |\n",
				one.concerned, one.concernedRef, one.concernAsk, other.concernedRef)
		}
	}
	write("%s\n", "\n| peace | typed | refused: median (worst) | asked: median (worst) | formula: refused |\n| --- | --- | --- | --- | --- |")
	for _, s := range peaces() {
		for _, typed := range []float64{0.4, 0.5, 0.65, 0.8, 0.9, 0.95} {
			if !strings.HasPrefix(s.name, *rows) {
				continue
			}
			c := usualCrowd()
			c.typed = typed
			r := measure(t, s, c, *seeds, guardWithDefaults)
			other := measure(t, s, c, max(1, *seeds/5), publishedFormula)
			write("| %s | %.0f %% | %.2f (%.2f) %% | %.2f (%.2f) %% | %.1f %% |\n", s.name, 100*typed,
				r.refused[*seeds/2], r.refused[*seeds-1], r.asked[*seeds/2], r.asked[*seeds-1], other.refused[len(other.refused)/2])
		}
	}
}
