package route

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Explain says for each channel, in a sentence on a line, who gets the sends to a calling code such
// as "+90", and why. A calling code without results follows all of them, which "" asks for. A
// router other than one of [Learning] explains nothing: "".
func (r *Router) Explain(callingCode string) string {
	if r.learner == nil {
		return ""
	}
	l := r.learner
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = time.Now()
	l.settle()
	lines := l.explain(callingCode)
	if lines == nil {
		lines = l.explain("")
	}
	if lines == nil {
		return "there are no results yet; " + l.names[l.cheapest()] + " leads"
	}
	slices.Sort(lines)
	return strings.Join(lines, "\n")
}

func (l *learner) explain(code string) []string {
	var lines []string
	for at, c := range l.cells {
		if at.code == code && !c.since.IsZero() {
			l.divide(c)
			lines = append(lines, l.sentence(c))
		}
	}
	return lines
}

func (l *learner) sentence(c *cell) string {
	var parts []string
	for _, i := range c.order {
		rate, _ := c.rate(i)
		part := fmt.Sprintf("%s gets %.1f %% of the sends: %.1f %% of its codes come back (%.0f results)",
			l.names[i], 100*c.shares[i], 100*rate, c.arms[i].good+c.arms[i].bad)
		if c.hasFallen(i) {
			a := c.arms[i]
			if !a.fallen {
				a = c.all.arms[i]
			}
			part += fmt.Sprintf(", but few since %s UTC, so it is set aside until %d more in a row do",
				a.fell.UTC().Format("15:04"), codesToReturn-a.inARow)
		}
		parts = append(parts, part)
	}
	by := cmp.Or(string(c.channel), "the default channels")
	return fmt.Sprintf("%s by %s: %s", cmp.Or(c.code, "all codes"), by, strings.Join(parts, "; "))
}
