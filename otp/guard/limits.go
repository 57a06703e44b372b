package guard

// mostLimits is how many limits a call can have: the rows of a table.
const mostLimits = 24

// limitSet is the limits of one call. It is a fixed block that can live on the stack, so that a
// call in memory takes little.
type limitSet struct {
	n    int
	list [mostLimits]Limit
	from [mostLimits]*template // what each limit was made from
	room [mostLimits]Taken     // for the answer of a [Memory]

	running string // the key of what is running for the number and purpose
	marks   [3]string
	marked  int
}

// fill takes the templates about a subject that is known, without those about strangers if the call
// is exempt. All keys are parts of one string.
func (s *limitSet) fill(about *subjects, templates []template, exempt bool) {
	var ends [mostLimits + 3]int
	text := make([]byte, 0, 640)
	kind := kindOf(about.country)
	for i := range templates {
		t := &templates[i]
		if !about.set[t.subject] || exempt && t.limit.Without == numberKnown {
			continue
		}
		text = about.key(text, t.subject, t.part, t.tag)
		s.list[s.n], s.from[s.n], ends[s.n] = t.limit, t, len(text)
		s.list[s.n].Kind = kind
		s.n++
	}
	text = about.key(text, aNumber, runningPart, ofPurpose)
	ends[s.n] = len(text)
	text = about.key(text, aNumber, knownPart, noTag)
	ends[s.n+1] = len(text)
	text = about.callerKey(text)
	keys, start := string(text), 0
	for i, end := range ends[:s.n] {
		s.list[i].Key, start = keys[start:end], end
	}
	s.running = keys[start:ends[s.n]]
	s.marks[0], s.marked = keys[ends[s.n]:ends[s.n+1]], 1
	if caller := keys[ends[s.n+1]:]; caller != "" {
		s.marks[1], s.marked = caller, 2
	}
}

func (s *limitSet) limits() []Limit { return s.list[:s.n] }

// left is how many codes may still be tried, as far as a rule is concerned.
func (s *limitSet) left(rule Rule, taken []Taken) int {
	left := ceilingCodes
	for i := range s.n {
		if limit := &s.list[i]; s.from[i].rule == rule && !limit.RecordOnly && taken[i].N > 0 {
			left = min(left, max(0, limit.Max-taken[i].N))
		}
	}
	return left
}

// rules are those of the limits with these indexes.
func (s *limitSet) rules(indexes []int) []Rule {
	var rules []Rule
	for _, i := range indexes {
		rules = append(rules, s.from[i].rule)
	}
	return rules
}
