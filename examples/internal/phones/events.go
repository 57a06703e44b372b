package phones

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	keepEvents = 1000 // how far back a stream can be taken up again

	heartbeat   = 15 * time.Second // so that proxies and browsers do not take silence for the end
	writeWithin = 10 * time.Second // a reader that takes longer is gone

	// Few streams are woken by every event. Many, which would take more of the machine than the sends,
	// look by themselves, together 500 times a second, and only learn of it if they missed much.
	fewStreams, maxStreams = 16, 4000
	crowdPause, crowdBytes = 2 * time.Millisecond, 4 << 10
)

type event struct {
	kind string
	to   string // the number that it is about; "" = all
	data []byte
}

// eventLog is the last events, numbered from 1, guarded by the board's lock. Readers keep their own
// place in it; one that is too slow has to start over.
type eventLog struct {
	run    string // an event of another run of the program is not of this log
	first  int    // the number of events[0]
	events []event
	more   chan struct{} // closed when the next event comes
}

func (l *eventLog) add(kind, to string, news any) {
	data, err := json.Marshal(news)
	if err != nil { // none of our types can fail
		return
	}
	l.events = append(l.events, event{kind, to, data})
	if len(l.events) > keepEvents {
		l.events[0] = event{} // the array lives on
		l.events = l.events[1:]
		l.first++
	}
	close(l.more)
	l.more = make(chan struct{})
}

func (l *eventLog) id(number int) string { return l.run + "-" + strconv.Itoa(number) }

func (l *eventLog) last() string { return l.id(l.first + len(l.events) - 1) }

// after is the number of the event that follows on an id; 0 if the log does not know that event.
func (l *eventLog) after(id string) int {
	run, count, _ := strings.Cut(id, "-")
	number, err := strconv.Atoi(count)
	if err != nil || run != l.run || number < 0 || number >= l.first+len(l.events) {
		return 0
	}
	return number + 1
}

// resume is where a stream starts: after the event with this id, or for "" with what comes next.
func (b *board) resume(id string) (number int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.events.after(cmp.Or(id, b.events.last()))
}

// since is the events from a number on, about one phone number or all, as a stream writes them, and
// what to wait for next. A reader who is too late, or missed more bytes than most, has to start
// over.
func (b *board) since(number int, to string, most int) (frames []byte, next int, more <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := &b.events
	end := l.first + len(l.events)
	for n := max(number, l.first); n < end && len(frames) <= most; n++ {
		if e := l.events[n-l.first]; to == "" || e.to == "" || e.to == to {
			frames = append(frames, frame(l.id(n), e)...)
		}
	}
	if number < l.first || len(frames) > most {
		frames = frame(l.last(), event{kind: "stale", data: []byte("{}")})
	}
	return frames, end, l.more
}

func frame(id string, e event) []byte {
	return fmt.Appendf(nil, "id: %s\nevent: %s\ndata: %s\n\n", id, e.kind, e.data)
}

// getEvents sends events as they happen, after the event that the header Last-Event-ID or else the
// parameter after names, or without them from now on.
func (p *Phones) getEvents(w http.ResponseWriter, r *http.Request) {
	defer p.streams.Add(-1)
	if p.streams.Add(1) > maxStreams {
		refuse(w, http.StatusServiceUnavailable, "too many streams are open; GET /api/codes/next waits for a code without one")
		return
	}
	w.Header().Set("Content-Type", "text/event-stream")
	if r.Method == http.MethodHead {
		return
	}
	query := r.URL.Query()
	p.follow(r, sender(w), p.board.resume(cmp.Or(r.Header.Get("Last-Event-ID"), query.Get("after"))), recipient(query.Get("to")))
}

// follow sends the events from a number on until the reader leaves.
func (p *Phones) follow(r *http.Request, send func([]byte) bool, next int, to string) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	text := []byte("retry: 1000\n\n") // and the headers, so that the reader knows that it is connected
	wrote := time.Now()
	for {
		pause, most := share(int(p.streams.Load()))
		frames, end, more := p.board.since(next, to, most)
		next, text = end, append(text, frames...)
		if len(text) == 0 && time.Since(wrote) >= heartbeat {
			text = []byte(": still here\n\n")
		}
		if len(text) > 0 {
			if !send(text) {
				return
			}
			wrote = time.Now()
		}
		text = nil
		wait := time.Until(wrote.Add(heartbeat))
		if pause > 0 {
			wait, more = min(wait, pause), nil // the news waits for the timer
		}
		timer.Reset(wait)
		select {
		case <-more:
		case <-timer.C:
		case <-r.Context().Done():
			return
		case <-p.closing.Done():
			return
		}
	}
}

// share is how long one of so many streams pauses before it looks for news, 0 = until there is
// some, and how much it may write then. The pause is random, so that they do not all wake at once.
func share(streams int) (pause time.Duration, most int) {
	if streams <= fewStreams {
		return 0, math.MaxInt
	}
	pause = time.Duration(streams) * crowdPause
	return pause/2 + rand.N(pause), crowdBytes //nolint:gosec // spreads load
}

// sender writes at once, and says no when the reader is gone.
func sender(w http.ResponseWriter) func([]byte) bool {
	out := http.NewResponseController(w)
	return func(text []byte) bool {
		_ = out.SetWriteDeadline(time.Now().Add(writeWithin)) // where there is no deadline, there is no slow reader
		_, err := w.Write(text)
		return err == nil && out.Flush() == nil
	}
}
