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
		h.days = append(h.days, h.bounded(h.today))
	}
	for len(h.days) > 0 && h.days[0].number < today-daysKnown {
		h.days = h.days[1:]
	}
	h.today = day{number: today}
	h.usual = h.summary(load)
}

// bounded is a day that ends, with what is allowed to grow only so much.
func (h *history) bounded(d day) day {
	if d.typed > 0 {
		d.ratio = min(firstRatio, float64(max(0, d.sent-d.typed))/float64(d.typed))
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

// summary leaves out the highest days, once there are enough others: one odd day must not set the measure for two weeks.
func (h *history) summary(load *Load) usual {
	u := usual{ratio: firstRatio}
	n := len(h.days)
	values := make([]float64, n)
	nth := func(of func(d *day) float64) float64 {
		for i := range h.days {
			values[i] = of(&h.days[i])
		}
		slices.Sort(values)
		return values[n-1-n/oddDays]
	}
	for w := range u.peak {
		if n > 0 {
			u.peak[w] = int(nth(func(d *day) float64 { return float64(d.peak[w]) }))
		}
	}
	if n >= daysUntilOwn {
		u.ratio = nth(func(d *day) float64 { return d.ratio })
	}
	u.known = slices.ContainsFunc(h.days, func(d day) bool { return int(d.typed) >= load.Known })
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
