package guard

import (
	"slices"
	"time"
)

// history is what a counter that learns knows of the days before.
type history struct {
	today day
	days  []day // without those on which the rule asked, the oldest first

	usual usual // of these days
}

// day is one day of a history.
type day struct {
	number      int64
	peak        [mostWindows]int32 // the most untyped codes in each window
	sent, typed int32
	ratio       float64
	busy        bool // enough was typed to tell a ratio
	asked       bool
}

// usual is what a history says about today.
type usual struct {
	peak  [mostWindows]int
	ratio float64
	known bool
}

func dayOf(now int64) int64 { return now / micros(24*time.Hour) }

// roll begins a new day if there is one.
func (h *history) roll(load *Load, now int64) {
	today := dayOf(now)
	if h.today.number == today {
		return
	}
	if !h.today.asked && h.today.sent > 0 {
		h.days = append(h.days, h.bounded(h.today, load))
	}
	for len(h.days) > 0 && h.days[0].number < today-daysKnown {
		h.days = h.days[1:]
	}
	h.today = day{number: today}
	h.usual = h.summary()
}

// bounded is a day that ends, with what is allowed to grow only so much.
func (h *history) bounded(d day, load *Load) day {
	if int(d.typed) >= max(load.Known, 1) {
		d.ratio = min(firstRatio, float64(max(0, d.sent-d.typed))/float64(d.typed))
		d.busy = true
	}
	if len(h.days) < daysUntilOwn {
		return d
	}
	for i := range d.peak {
		before := float64(h.usual.peak[i])
		d.peak[i] = int32(min(float64(d.peak[i]), max(before+1, before*dayGrowth)))
	}
	d.ratio = min(d.ratio, h.usual.ratio*dayGrowth)
	return d
}

// summary is what is usual. One odd day must not set the measure for two weeks, so the highest ones
// are left out.
func (h *history) summary() usual {
	u := usual{ratio: firstRatio}
	var values [daysKnown + 2]float64
	nth := func(of func(d *day) float64, all bool) (float64, int) {
		n := 0
		for i := range h.days {
			if d := &h.days[i]; all || d.busy {
				values[n] = of(d)
				n++
			}
		}
		if n == 0 {
			return 0, 0
		}
		slices.Sort(values[:n])
		return values[n-1-n/oddDays], n
	}
	for w := range u.peak {
		peak, _ := nth(func(d *day) float64 { return float64(d.peak[w]) }, true)
		u.peak[w] = int(peak)
	}
	ratio, busy := nth(func(d *day) float64 { return d.ratio }, false)
	if busy >= daysUntilOwn {
		u.ratio = ratio
	}
	u.known = busy > 0
	return u
}

// usual is what a limit compares with.
func (p *part) usual(load *Load, q *question) usual {
	if !load.Learn {
		return usual{ratio: q.ratio}
	}
	h := p.history()
	if h == nil {
		return usual{ratio: firstRatio}
	}
	h.roll(load, q.now)
	return h.usual
}

func (p *part) history() *history {
	if p == nil || p.extra == nil {
		return nil
	}
	return p.extra.history
}
