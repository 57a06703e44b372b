package guard

// mostLimits is how many limits a call can have: seven rules with mostRates each, and a few single ones.
const mostLimits = 7*mostRates + 4

// sheet is the limits of one call. It is a fixed block that can live on the stack, so that a call in memory takes little.
type sheet struct {
	n    int
	list [mostLimits]Limit
	from [mostLimits]*template // what each limit was made from
	room [mostLimits]Taken     // for the answer of a [Memory]

	running string // the key of what is running
}

// fill fills templates in, all that are about a subject that is known. All keys are parts of one string.
func (s *sheet) fill(about *subjects, templates []template) {
	var ends [mostLimits]int
	text := make([]byte, 0, 512)
	for i := range templates {
		t := &templates[i]
		if !about.known(t.subject) {
			continue
		}
		text = about.appendKey(text, t.name, t.subject)
		s.list[s.n], s.from[s.n], ends[s.n] = t.limit, t, len(text)
		s.n++
	}
	text = about.appendKey(text, runningKey, aNumberAndPurpose)
	keys, start := string(text), 0
	for i, end := range ends[:s.n] {
		s.list[i].Key, start = keys[start:end], end
	}
	s.running = keys[start:]
}

func (s *sheet) limits() []Limit { return s.list[:s.n] }

// keysOf are the counters of one rule.
func (s *sheet) keysOf(rule Rule) []string {
	var keys []string
	for i, limit := range s.limits() {
		if s.from[i].rule == rule {
			keys = append(keys, limit.Key)
		}
	}
	return keys
}
