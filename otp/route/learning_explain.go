package route

import (
	"cmp"
	"fmt"
	"slices"
	"strings"
	"time"
)

// Explain says in a sentence for each channel who gets the sends to a calling code, "+90", and why.
// A calling code of which nothing is known follows all of them, which "" asks for. Routers other than
// [Learning] return "".
func (r *Router) Explain(callingCode string) string {
	if r.learner == nil {
		return ""
	}
	l := r.learner
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = time.Now()
	l.settle()
	var known []*cell
	for _, code := range []string{callingCode, ""} {
		for at, c := range l.cells {
			if at.code == code && !c.since.IsZero() {
				known = append(known, c)
			}
		}
		if known != nil {
			break
		}
	}
	slices.SortFunc(known, func(a, b *cell) int { return cmp.Compare(a.channel, b.channel) })
	var sentences []string
	for _, c := range known {
		sentences = append(sentences, l.explain(c))
	}
	if sentences == nil {
		return "nothing is known yet; " + l.names[l.cheapest()] + " leads"
	}
	return strings.Join(sentences, "\n")
}

func (l *learner) explain(c *cell) string {
	l.divide(c)
	var parts []string
	for k, i := range c.order {
		a := &c.arms[i]
		rate, _ := c.rate(i)
		part := fmt.Sprintf("%s gets %.1f %%", l.names[i], 100*c.shares[i])
		if k == 0 {
			part += " of the sends"
		}
		part += fmt.Sprintf(": %.1f %% of its codes come back (%.0f results)", 100*rate, a.good+a.bad)
		if c.hasFallen(i) {
			fell := a
			if c.all != nil && c.all.arms[i].fallen {
				fell = &c.all.arms[i]
			}
			part += fmt.Sprintf(", but %.0f %% of the last %.0f, so it was set aside at %s and needs %d in a row",
				100*a.recent, lastCodes, fell.fell.UTC().Format("15:04"), codesToReturn-fell.inARow)
		}
		parts = append(parts, part)
	}
	return strings.TrimSpace(fmt.Sprintf("%s %s", cmp.Or(c.code, "all codes"), c.channel)) + ": " + strings.Join(parts, "; ")
}
