package guard_test

import (
	"container/heap"
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"net/netip"
	"strconv"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
)

// crowd is who asks for codes without bad intent. The shares are chosen, not measured.
type crowd struct {
	perDay  int     // codes asked for on a weekday; at weekends six tenths
	typed   float64 // of the codes
	passes  float64 // of the challenges that a person tries
	tries   int     // how often a person tries each challenge
	carrier float64 // share of people behind a carrier's eight addresses
	regular int     // people who come again and again; seven tenths of the codes are theirs
}

func usualCrowd() crowd {
	return crowd{perDay: 1000, typed: 0.9, passes: 0.95, tries: 1, carrier: 0.3, regular: 3000}
}

const (
	newShare    = 0.3
	abroadShare = 0.03
	officeShare = 0.15
	asksAgain   = 0.4 // of those who do not type
	mostAgain   = 3
	textCosts   = 0.05
	peaceDays   = 14
	hour        = time.Hour
	dayLong     = 24 * time.Hour
)

// byHour is how many people come in each hour of the day.
func byHour() [24]int {
	return [24]int{2, 1, 1, 1, 1, 2, 4, 8, 10, 10, 9, 8, 8, 8, 8, 8, 8, 9, 10, 10, 9, 7, 5, 3}
}

// person asks for codes.
type person struct {
	number string
	ip     netip.Addr
	fresh  bool // has never verified a code
	group  string
	device string
}

// counts are what became of people or robots on the day that is measured.
type counts struct{ people, asked, refused, texts, calls int }

// asker is whatever stands in front of the texts: a guard, or a formula.
type asker interface {
	send(p *person, passed int) (ticket any, challenge int, a answer)
	typed(p *person, ticket any)
}

// answer is what comes of asking for a code.
type answer int

const (
	turnsAway answer = iota
	sends
	waits // a code is on its way
)

// world is a run of people and robots on a virtual clock.
type world struct {
	crowd

	random   *rand.Rand
	asker    asker
	start    time.Time
	queue    queue
	seq      int
	regulars []*person
	verified map[string]bool

	measured     bool // it is the day that counts
	fresh, known counts
	robots       counts
	groups       map[string]*counts // of people who are looked at apart
	robotPasses  float64
	robotTypes   float64
}

type event struct {
	at  time.Time
	seq int
	do  func()
}

type queue []event

func (q queue) Len() int { return len(q) }
func (q queue) Less(i, j int) bool {
	return q[i].at.Before(q[j].at) || q[i].at.Equal(q[j].at) && q[i].seq < q[j].seq
}
func (q queue) Swap(i, j int) { q[i], q[j] = q[j], q[i] }
func (q *queue) Push(x any)   { *q = append(*q, x.(event)) }
func (q *queue) Pop() any {
	old := *q
	last := old[len(old)-1]
	*q = old[:len(old)-1]
	return last
}

func newWorld(c crowd, seed uint64, a asker) *world {
	w := &world{
		crowd: c, random: rand.New(rand.NewPCG(seed, 7)), asker: a, start: time.Now(),
		verified: map[string]bool{}, groups: map[string]*counts{},
	}
	for range c.regular {
		w.regulars = append(w.regulars, w.newPerson())
	}
	return w
}

// after does something later.
func (w *world) after(wait time.Duration, do func()) {
	w.seq++
	heap.Push(&w.queue, event{time.Now().Add(wait), w.seq, do})
}

// run does everything that happens until then.
func (w *world) run(until time.Time) {
	for len(w.queue) > 0 && w.queue[0].at.Before(until) {
		e := heap.Pop(&w.queue).(event)
		time.Sleep(time.Until(e.at))
		e.do()
	}
	time.Sleep(time.Until(until))
}

func (w *world) newPerson() *person {
	p := &person{number: w.homeNumber(), fresh: true}
	if w.random.Float64() < abroadShare {
		abroad := []string{"+4915", "+336", "+4479", "+346", "+316", "+97150", "+99450", "+38067", "+1212555", "+436", "+417", "+467"}
		p.number = w.digits(abroad[w.random.IntN(len(abroad))], 12)
	}
	switch place := w.random.Float64(); {
	case place < w.carrier:
		p.ip = carrierAddress(w.random.IntN(8))
	case place < w.carrier+officeShare && w.carrier < 1:
		p.ip = netip.AddrFrom4([4]byte{192, 0, 2, byte(w.random.IntN(3))})
	default:
		p.ip = w.anyAddress()
	}
	return p
}

func carrierAddress(i int) netip.Addr { return netip.AddrFrom4([4]byte{203, 0, 113, byte(i)}) }

// anyAddress is an IPv4 address or one of an IPv6 /64 of its own.
func (w *world) anyAddress() netip.Addr {
	if w.random.IntN(2) == 0 {
		n := w.random.Uint32()
		return netip.AddrFrom4([4]byte{byte(1 + n%99), byte(n >> 8), byte(n >> 16), byte(n >> 24)})
	}
	var b [16]byte
	b[0], b[1] = 0x2a, byte(w.random.IntN(64))
	for i := 2; i < 16; i++ {
		b[i] = byte(w.random.UintN(256))
	}
	return netip.AddrFrom16(b)
}

func (w *world) digits(prefix string, length int) string {
	for len(prefix) < length {
		prefix += strconv.Itoa(w.random.IntN(10))
	}
	return prefix
}

func (w *world) homeNumber() string { return w.digits("+905"+strconv.Itoa(3+w.random.IntN(3)), 13) }

// day plans the people of a day that begins now, of which so many times as usual are new.
func (w *world) day(newTimes float64) {
	n := float64(w.perDay)
	if weekday := int(time.Since(w.start)/dayLong) % 7; weekday >= 5 {
		n *= 0.6
	}
	for range int(n*(1-newShare) + w.random.Float64()) {
		p := w.regulars[w.random.IntN(len(w.regulars))]
		w.after(w.momentOfDay(), func() { w.arrive(p) })
	}
	for range int(n*newShare*newTimes + w.random.Float64()) {
		p := w.newPerson()
		w.after(w.momentOfDay(), func() { w.arrive(p) })
	}
}

func (w *world) momentOfDay() time.Duration {
	weights := byHour()
	total := 0
	for _, weight := range weights {
		total += weight
	}
	at := w.random.IntN(total)
	for h, weight := range weights {
		if at -= weight; at < 0 {
			return time.Duration(h)*hour + time.Duration(w.random.Int64N(int64(hour)))
		}
	}
	return 0
}

// arrive is one person who wants to sign in.
func (w *world) arrive(p *person) {
	p.fresh = !w.verified[p.number]
	for _, c := range w.countsOf(p) {
		c.people++
	}
	w.ask(p, 0, 0, &outcome{})
}

// outcome is what a person has lived through.
type outcome struct{ asked, refused bool }

func (w *world) countsOf(p *person) []*counts {
	if !w.measured {
		return nil
	}
	all := []*counts{&w.known}
	if p.fresh {
		all[0] = &w.fresh
	}
	if p.group != "" {
		if w.groups[p.group] == nil {
			w.groups[p.group] = &counts{}
		}
		all = append(all, w.groups[p.group])
	}
	return all
}

// ask asks for a code, and does what a person does then.
func (w *world) ask(p *person, passed, again int, o *outcome) {
	ticket, challenge, got := w.asker.send(p, passed)
	switch {
	case got == sends:
		for _, c := range w.countsOf(p) {
			c.texts++
		}
		if w.random.Float64() < w.typed {
			w.after(w.typingTime(), func() {
				w.asker.typed(p, ticket)
				w.verified[p.number] = true
			})
			return
		}
		if again < mostAgain && w.random.Float64() < asksAgain {
			w.after(time.Duration(130+w.random.IntN(120))*time.Second, func() { w.ask(p, 0, again+1, o) })
		}
	case challenge > passed:
		if !o.asked {
			o.asked = true
			for _, c := range w.countsOf(p) {
				c.asked++
			}
		}
		for level := passed; level < challenge; level++ {
			if !w.solves(w.passes, w.tries) {
				w.refuse(p, o)
				return
			}
		}
		w.after(15*time.Second, func() { w.ask(p, challenge, again, o) })
	case got == waits:
	default:
		w.refuse(p, o)
	}
}

func (w *world) refuse(p *person, o *outcome) {
	if o.refused {
		return
	}
	o.refused = true
	for _, c := range w.countsOf(p) {
		c.refused++
	}
}

func (w *world) solves(share float64, tries int) bool {
	for range tries {
		if w.random.Float64() < share {
			return true
		}
	}
	return false
}

// typingTime is 3 seconds to almost the life of the code, 23 seconds in the middle.
func (w *world) typingTime() time.Duration {
	seconds := math.Exp(math.Log(23) + 0.8*w.random.NormFloat64())
	return time.Duration(min(max(seconds, 3), 280) * float64(time.Second))
}

// robot makes one call.
func (w *world) robot(p *person, passed int) {
	w.robots.calls++
	ticket, challenge, got := w.asker.send(p, passed)
	switch {
	case got == sends:
		w.robots.texts++
		if w.random.Float64() < w.robotTypes {
			w.after(5*time.Second, func() { w.asker.typed(p, ticket) })
		}
	case challenge > passed:
		for level := passed; level < challenge; level++ {
			if w.random.Float64() >= w.robotPasses {
				return
			}
		}
		w.robot(p, challenge)
	}
}

// attack makes so many calls an hour, one after the other, for a while.
func (w *world) attack(perHour float64, length time.Duration, target func() *person) {
	end := time.Now().Add(length)
	var next func()
	next = func() {
		w.robot(target(), 0)
		if wait := time.Duration(w.random.ExpFloat64() * float64(hour) / perHour); time.Now().Add(wait).Before(end) {
			w.after(wait, next)
		}
	}
	w.after(time.Duration(w.random.ExpFloat64()*float64(hour)/perHour), next)
}

// guardedAsker is a guard in front of a vendor that takes no time.
type guardedAsker struct{ guard *guard.Guard }

// acceptor accepts everything.
type acceptor struct {
	caps otp.Capabilities
	ids  int
}

func (*acceptor) Name() string                                           { return "main" }
func (a *acceptor) Capabilities() otp.Capabilities                       { return a.caps }
func (*acceptor) Verify(context.Context, otp.Verification, string) error { return nil }
func (a *acceptor) Send(_ context.Context, req otp.SendRequest) (otp.Verification, error) {
	a.ids++
	now := time.Now().UTC()
	return otp.Verification{
		Provider: "main", ID: strconv.Itoa(a.ids), To: req.To, Channel: otp.SMS, ExpiresAt: now.Add(otp.DefaultTTL), SentAt: now,
	}, nil
}

func newGuardedAsker(tb testing.TB, opts ...guard.Option) *guardedAsker {
	tb.Helper()
	g, err := guard.New(&acceptor{caps: otp.Capabilities{Default: otp.SMS, Channels: map[otp.Channel]otp.Features{otp.SMS: {}}}}, opts...)
	require.NoError(tb, err)
	return &guardedAsker{guard: g}
}

func (a *guardedAsker) send(p *person, passed int) (any, int, answer) {
	ctx := guard.WithCaller(context.Background(), guard.Caller{Purpose: "login", IP: p.ip, Device: p.device, Passed: passed})
	v, err := a.guard.Send(ctx, otp.SendRequest{To: p.number})
	if err == nil {
		return v, 0, sends
	}
	var refusal *guard.Refusal
	if errors.As(err, &refusal) {
		if refusal.Rule == guard.RuleCooldown {
			return nil, 0, waits
		}
		return nil, refusal.Challenge, turnsAway
	}
	return nil, 0, turnsAway
}

func (a *guardedAsker) typed(p *person, ticket any) {
	ctx := guard.WithCaller(context.Background(), guard.Caller{Purpose: "login", IP: p.ip, Device: p.device})
	_ = a.guard.Verify(ctx, ticket.(otp.Verification), "123456")
}

// simulate runs peace, and then a day that counts.
func simulate(t *testing.T, s shape, c crowd, seed uint64, newAsker func(tb testing.TB, c crowd) asker) *world {
	t.Helper()
	var w *world
	synctest.Test(t, func(t *testing.T) {
		w = newWorld(c, seed, newAsker(t, c))
		days := peaceDays
		if s.firstDay {
			days = 0
		}
		for d := range days {
			w.day(1)
			if s.eachDay != nil {
				s.eachDay(w, d)
			}
			w.run(w.start.Add(time.Duration(d+1) * dayLong))
		}
		w.measured = true
		w.robots = counts{}
		newTimes := 1.0
		if s.newTimes > 0 {
			newTimes = s.newTimes
		}
		w.robotPasses, w.robotTypes = s.robotPasses, s.robotTypes
		w.day(newTimes)
		if s.attack != nil {
			s.attack(w)
		}
		w.run(w.start.Add(time.Duration(days+1) * dayLong))
	})
	return w
}
