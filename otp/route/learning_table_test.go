package route_test

import (
	"fmt"
	"os"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"
)

func markets() []market {
	var twenty []string
	for i := range 20 {
		twenty = append(twenty, []string{"+20", "+27", "+30", "+31", "+32", "+33", "+34", "+36", "+39", "+40", "+41", "+43", "+44", "+45", "+46", "+47", "+48", "+49", "+51", "+52"}[i])
	}
	ms := []market{
		{name: "base", perDay: 1000, vendors: 2, rate: breakdown(.90, .88, .05)},
		{name: "to75", perDay: 1000, vendors: 2, rate: breakdown(.90, .88, .75)},
		{name: "200", perDay: 200, vendors: 2, rate: breakdown(.90, .88, .05)},
		{name: "10000", perDay: 10000, vendors: 2, rate: breakdown(.90, .88, .05)},
		{name: "three", perDay: 1000, vendors: 3, rate: breakdown(.90, .88, .86, .05)},
		{name: "equal90", perDay: 1000, vendors: 2, rate: fixed(.9, .9)},
		{name: "equal70", perDay: 1000, vendors: 2, rate: fixed(.7, .7)},
		{name: "equal90at10000", perDay: 10000, vendors: 2, rate: fixed(.9, .9)},
		{name: "equal90at200", perDay: 200, vendors: 2, rate: fixed(.9, .9)},
		{name: "70to40", perDay: 1000, vendors: 2, rate: breakdown(.70, .66, .40)},
		{name: "twenty", perDay: 1000, vendors: 2, rate: breakdown(.90, .88, .05), codes: twenty},
		{name: "slow", perDay: 1000, vendors: 2, rate: func(v, _ int, at time.Duration) float64 {
			if v == 0 && at >= badDay*day && at < (badDay+1)*day {
				return max(.05, .9-.85*float64(at-badDay*day)/float64(12*time.Hour))
			}
			return []float64{.90, .88}[v]
		}},
		{name: "country3", perDay: 1800, vendors: 2, codes: twenty, rate: func(v, c int, at time.Duration) float64 {
			switch {
			case v == 0 && c == 3:
				return .60
			case v == 0:
				return .90
			case c == 3:
				return .92
			}
			return .30
		}},
		{name: "resends", perDay: 1000, vendors: 2, rate: breakdown(.90, .88, .05), resends: .6},
		{name: "botsquiet", perDay: 1000, vendors: 2, rate: fixed(.90, .88), bots: botsAt},
		{name: "bots+down", perDay: 1000, vendors: 2, rate: breakdown(.90, .88, .05), bots: botsAt},
		{name: "four unshared", perDay: 1000, vendors: 2, rate: breakdown(.90, .88, .05), machines: 4},
		{name: "four shared", perDay: 1000, vendors: 2, rate: breakdown(.90, .88, .05), machines: 4, late: 10 * time.Second},
		{name: "deadsecond", perDay: 1000, vendors: 2, rate: fixed(.90, 0)},
		{name: ".60.40", perDay: 1000, vendors: 2, rate: breakdown(.90, .40, .60)},
		{name: ".90/.60", perDay: 1000, vendors: 2, rate: breakdown(.90, .60, .05)},
		{name: "staysat75", perDay: 1000, vendors: 2, rate: func(v, _ int, at time.Duration) float64 {
			if v == 0 && at >= badDay*day {
				return .75
			}
			return []float64{.90, .88}[v]
		}},
	}
	for i := range ms {
		ms[i].badFrom, ms[i].badTo = badDay*day, (badDay+1)*day
	}
	return ms
}

func botsAt(at time.Duration) float64 {
	if at >= badDay*day+4*time.Hour && at < badDay*day+8*time.Hour {
		return 750
	}
	return 0
}

func TestExplore(t *testing.T) {
	if os.Getenv("SEEDS") == "" {
		return
	}
	n := 20
	from := uint64(0)
	if s := os.Getenv("SEEDS"); s != "" {
		n, _ = strconv.Atoi(s)
	}
	if s := os.Getenv("FROM"); s != "" {
		f, _ := strconv.Atoi(s)
		from = uint64(f)
	}
	sel := os.Getenv("ROWS")
	for _, m := range markets() {
		if sel != "" && !slices.Contains(strings.Split(sel, ","), m.name) {
			continue
		}
		for _, reversed := range []bool{false, true} {
			var mu sync.Mutex
			var quiet, bad, ch []float64
			t.Run("x", func(t *testing.T) {
				for seed := range n {
					t.Run("", func(t *testing.T) {
						t.Parallel()
						r := simulate(t, m, learns, from+uint64(seed), reversed)
						mu.Lock()
						defer mu.Unlock()
						quiet = append(quiet, r.quiet())
						bad = append(bad, r.bad())
						ch = append(ch, r.changes)
					})
				}
			})
			slices.Sort(quiet)
			slices.Sort(bad)
			fmt.Printf("%-16s %-5v bad %.3f (95%% %.2f) quiet %.3f (95%% %.2f) changes %.2f\n", m.name, reversed, mean(bad), bad[len(bad)*95/100], mean(quiet), quiet[len(quiet)*95/100], mean(ch))
		}
	}
}

func mean(xs []float64) float64 {
	s := 0.0
	for _, x := range xs {
		s += x
	}
	return s / float64(len(xs))
}
