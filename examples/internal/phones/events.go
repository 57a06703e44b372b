package phones

import (
	"cmp"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"
	"time"
)

const (
	keepEvents = 1000 // how far back a stream can be taken up again

	heartbeat   = 15 * time.Second // so that proxies and browsers do not take silence for the end
	writeWithin = 10 * time.Second // a reader that takes longer is gone
)

// event is one piece of news, as JSON.
type event struct {
	kind string
	data []byte
}

// eventLog is the last events, numbered from 1. Readers keep their own place in it and need no queue of their own: one
// that is too slow has to start over. It has no lock; the board's guards it.
type eventLog struct {
	run    string // an event of another run of the program is not of this log
	first  int    // the number of events[0]
	events []event
	more   chan struct{} // closed when the next event comes
}

func newEventLog() eventLog {
	return eventLog{run: rand.Text()[:8], first: 1, more: make(chan struct{})}
}

func (l *eventLog) add(kind string, news any) {
	data, err := json.Marshal(news)
	if err != nil { // none of our types can fail
		return
	}
	l.events = append(l.events, event{kind, data})
	if len(l.events) > keepEvents {
		l.events[0] = event{} // the array lives on
		l.events = l.events[1:]
		l.first++
	}
	close(l.more)
	l.more = make(chan struct{})
}

// id names the event with this number in streams.
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

// since is all events from a number on as a stream writes them, and what to wait for after them. A reader who comes too
// late for the first of them is told so instead: it has to read everything again.
func (b *board) since(number int) (frames []byte, next int, more <-chan struct{}) {
	b.mu.Lock()
	defer b.mu.Unlock()
	l := &b.events
	end := l.first + len(l.events)
	if number < l.first {
		return frame(l.last(), event{"stale", []byte("{}")}), end, l.more
	}
	for next = number; next < end; next++ {
		frames = append(frames, frame(l.id(next), l.events[next-l.first])...)
	}
	return frames, end, l.more
}

func frame(id string, e event) []byte {
	return fmt.Appendf(nil, "id: %s\nevent: %s\ndata: %s\n\n", id, e.kind, e.data)
}

// stream sends events as they happen: GET /api/events, after the event that the header Last-Event-ID or else the
// parameter after names, or without them from now on.
func (p *Phones) stream(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "text/event-stream")
	next := p.board.resume(cmp.Or(r.Header.Get("Last-Event-ID"), r.URL.Query().Get("after")))
	beat := time.NewTicker(heartbeat)
	defer beat.Stop()
	send := sender(w)
	if !send([]byte("retry: 1000\n\n")) { // and the headers, so that the reader knows that it is connected
		return
	}
	for {
		frames, end, more := p.board.since(next)
		next = end
		if len(frames) > 0 && !send(frames) {
			return
		}
		select {
		case <-more:
		case <-beat.C:
			if !send([]byte(": still here\n\n")) {
				return
			}
		case <-r.Context().Done():
			return
		case <-p.closing.Done():
			return
		}
	}
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
