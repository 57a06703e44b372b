package route

import (
	"bytes"
	"context"
	"encoding/json"
	"maps"
	"slices"
	"time"

	"github.com/otp-sdk/otp-go/internal/callingcode"
	"github.com/otp-sdk/otp-go/internal/safely"
	"github.com/otp-sdk/otp-go/otp"
)

// LearningStore is where the machines of a program keep what they count, so that all learn from
// all. Each writes a record of its own and reads those of the others: a hash in Redis is enough,
// with a field for each machine. A record has a few kilobytes, the counts of the last minutes by
// provider, calling code and channel; there is no number in it. While the store fails, a machine
// goes on with its own results.
type LearningStore interface {
	// Exchange keeps record as that of machine, in place of its last one, for half an hour, and
	// returns the records of all machines by their names, for the routers of one name. It is called
	// every five seconds while sends wait for their codes, on a goroutine of its own that ends
	// then, so no call waits for it. ctx ends after two seconds.
	Exchange(ctx context.Context, router, machine string, record []byte) (records map[string][]byte, err error)
}

const (
	exchangeEvery = 5 * time.Second
	exchangeTime  = 2 * time.Second
	longestRecord = 1 << 20
	mostOfMinute  = 100_000
	mostAtOnce    = 500_000 // results of an exchange: a moment's work, in which sends wait
)

// sharing is the state of the exchange with other machines.
type sharing struct {
	machine string
	planned bool
	last    time.Time
	known   map[string]machine // the last records of the others
	left    int                // of mostAtOnce
}

type machine struct {
	at     time.Time // of its last new record
	data   []byte
	counts map[minuteKey]counts
}

// minuteKey and its counts are what a record is made of.
type minuteKey struct {
	Provider, Code string
	Channel        otp.Channel
	At             int64
}

type minuteCounts struct {
	minuteKey
	Counts counts
}

// plan lets an exchange begin as soon as it is time for one.
func (l *learner) plan() {
	if l.store != nil && !l.sharing.planned {
		l.sharing.planned = true
		time.AfterFunc(max(exchangeEvery-l.now.Sub(l.sharing.last), 0), l.exchange)
	}
}

func (l *learner) exchange() {
	l.mu.Lock()
	minutes := l.record()
	l.mu.Unlock()
	records, err := safely.Value(func() (map[string][]byte, error) {
		ctx, cancel := context.WithTimeout(context.Background(), exchangeTime)
		defer cancel()
		data, _ := json.Marshal(minutes) // cannot fail
		return l.store.Exchange(ctx, l.router, l.sharing.machine, data)
	})
	l.mu.Lock()
	defer l.mu.Unlock()
	l.now = time.Now()
	if err == nil { // or what is known of the others would be forgotten, and counted again later
		l.merge(records)
	}
	l.settle()
	l.sharing.planned, l.sharing.last = false, l.now
	if len(l.due) > 0 {
		l.plan()
	}
}

// record is what this machine has counted.
func (l *learner) record() []minuteCounts {
	var all []minuteCounts
	for _, c := range l.cells {
		for i := range c.arms {
			for _, m := range c.arms[i].minutes {
				if m.own != (counts{}) {
					all = append(all, minuteCounts{minuteKey{l.names[i], c.code, c.channel, m.at}, m.own})
				}
			}
		}
	}
	return all
}

// merge counts what is new in the records of the others.
func (l *learner) merge(records map[string][]byte) {
	l.sharing.left = mostAtOnce
	for name, data := range records {
		before := l.sharing.known[name]
		if name == l.sharing.machine || len(data) > longestRecord || bytes.Equal(data, before.data) {
			continue
		}
		var minutes []minuteCounts
		if json.Unmarshal(data, &minutes) != nil {
			continue
		}
		now := machine{l.now, data, make(map[minuteKey]counts, len(minutes))}
		for at, n := range before.counts {
			if l.isOpen(at) { // a store may return an older record after a newer one
				now.counts[at] = n
			}
		}
		for _, m := range minutes {
			was := now.counts[m.minuteKey]
			is := was.most(m.Counts)
			if l.isOpen(m.minuteKey) && slices.Max(is[:]) <= mostOfMinute {
				now.counts[m.minuteKey] = is
				l.mergeMinute(m.minuteKey, is.plus(was, -1))
			}
		}
		l.sharing.known[name] = now
	}
	maps.DeleteFunc(l.sharing.known, func(_ string, m machine) bool { // what comes back later is too old to count
		return l.now.Sub(m.at) > l.window+5*time.Minute
	})
}

// isOpen reports whether a minute of another machine may still count, and can be one of this
// router.
func (l *learner) isOpen(at minuteKey) bool {
	age := l.now.Unix()/inMinute - at.At
	return at.Code != "" && at.Code == callingcode.Of(at.Code+"000") && l.offered[at.Channel] &&
		slices.Contains(l.names, at.Provider) && age >= -1 && age <= int64(l.window/time.Minute)+1
}

// mergeMinute counts what is new in a minute of another machine.
func (l *learner) mergeMinute(at minuteKey, n counts) {
	if l.sharing.left -= n[sent] + n[typed] + n[bad] + n[retyped]; l.sharing.left < 0 || n == (counts{}) {
		return
	}
	c, i := l.cellAt(place{at.Code, at.Channel}), slices.Index(l.names, at.Provider)
	l.add(c, i, l.minuteAt(c, i, at.At), n)
}
