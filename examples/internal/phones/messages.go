package phones

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

const (
	defaultListed = 200 // messages, or exchanges

	defaultWait = 30 * time.Second
	maxWait     = 5 * time.Minute
)

func (p *Phones) getMessages(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, err := count(query, "limit", defaultListed)
	if !passes(w, err) {
		return
	}
	list, total, event := p.board.list(filter{to: recipient(query.Get("to")), find: strings.TrimSpace(query.Get("find")), limit: limit})
	answer(w, struct {
		Messages []Message `json:"messages"`
		totals
		LastEvent string    `json:"last_event"` // follow from here with /api/events?after=…
		Now       time.Time `json:"now"`
	}{list, total, event, p.clock.Now()})
}

// getNextCode waits for a code. With after it is the first one after that message; without, the
// newest that there is, or else the first to come.
func (p *Phones) getNextCode(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	to := recipient(query.Get("to"))
	after, err := count(query, "after", 0)
	wait, err2 := duration(query, "timeout", defaultWait)
	if to == "" {
		err = errors.New("to: the number is missing")
	}
	if !passes(w, errors.Join(err, err2)) {
		return
	}
	ctx, cancel := context.WithTimeout(r.Context(), wait)
	defer cancel()
	defer context.AfterFunc(p.closing, cancel)()
	m, ok := p.board.lastCode(to)
	if query.Has("after") || !ok {
		m, ok = p.awaitCode(ctx, to, after)
	}
	if !ok {
		refuse(w, http.StatusNotFound, fmt.Sprintf("no code came for this number within %v", wait))
		return
	}
	answer(w, m)
}

func (p *Phones) awaitCode(ctx context.Context, to string, after int) (Message, bool) {
	came, stop := p.board.await(to)
	defer stop()
	for {
		if m, ok := p.board.codeAfter(to, after); ok {
			return m, true
		}
		select {
		case <-came:
		case <-ctx.Done():
			return Message{}, false
		}
	}
}

func (p *Phones) getTraffic(w http.ResponseWriter, r *http.Request) {
	query := r.URL.Query()
	limit, err := count(query, "limit", defaultListed)
	if passes(w, err) {
		answer(w, map[string]any{"exchanges": p.board.exchanges(filter{to: recipient(query.Get("to")), limit: limit})})
	}
}

// recipient reads a number, or an e-mail address, from a query, where a bare + means a space.
func recipient(text string) string {
	text = strings.TrimSpace(text)
	if text != "" && strings.Trim(text, "0123456789") == "" {
		return "+" + text
	}
	return text
}

func count(query url.Values, name string, fallback int) (int, error) {
	if !query.Has(name) {
		return fallback, nil
	}
	n, err := strconv.Atoi(query.Get(name))
	if err != nil || n < 0 {
		return 0, fmt.Errorf("%s: must be a whole number, 0 or more", name)
	}
	return n, nil
}

func duration(query url.Values, name string, fallback time.Duration) (time.Duration, error) {
	if !query.Has(name) {
		return fallback, nil
	}
	d, err := time.ParseDuration(query.Get(name))
	if err != nil || d <= 0 || d > maxWait {
		return 0, fmt.Errorf("%s: must be a duration up to %v, such as 30s", name, maxWait)
	}
	return d, nil
}
