package otpsim

import (
	"bytes"
	"cmp"
	"context"
	"io"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Receipt is one thing that the vendor reports about a text.
type Receipt struct {
	Status string        // "accepted", "sent", "delivered", "read", "undelivered" or "expired"
	After  time.Duration // how long it comes after the one before, on the Clock

	// Forged: somebody else sends it, without the right secret.
	Forged bool
}

// ReceiptCall is a call of the vendor to its customer.
type ReceiptCall struct {
	Method  string          // "" = POST
	URL     string          // "" = Callback of the message
	Header  http.Header     // may be nil
	Body    []byte          // in the vendor's form
	Secret  string          // the name of the header that has the secret. "" = it stands in the URL
	Within  time.Duration   // how long the vendor waits for an answer. 0 = 10 seconds
	Retries []time.Duration // when the vendor calls again until the answer is a 2xx, on the Clock
}

// ReceiptAnswer is what came of one try.
type ReceiptAnswer struct {
	ID     string // of the message; "" = it is about none
	Status string // that of the Receipt
	Forged bool   // that of the Receipt
	Try    int    // from 1
	Code   int    // the HTTP status; 0 = no answer in time
}

// mostReports bounds the texts that are reported on at a time. Those beyond get no receipts.
const mostReports = 1_000

var usualReceipts = []Receipt{{Status: "sent"}, {Status: "delivered"}} //nolint:gochecknoglobals // nothing changes it

// Receipts says what is reported of every further text, in this order: receipts can be missing,
// late, twice or forged. Without a call, a text with a URL is sent and delivered at once.
//
//	srv.Receipts(otpsim.Receipt{Status: "undelivered"})
//	late := otpsim.Receipt{Status: "sent", After: time.Minute}
//	srv.Receipts(otpsim.Receipt{Status: "delivered"}, late)
func (s *Server) Receipts(receipts ...Receipt) { s.ReceiptsTo("", receipts...) }

// ReceiptsTo is Receipts for one phone number alone, until [Server.Forget]. It comes first.
func (s *Server) ReceiptsTo(number string, receipts ...Receipt) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.receipts == nil {
		s.receipts = make(map[string][]Receipt)
	}
	s.receipts[international(number)] = slices.Clone(receipts)
}

// Report reports on the newest text of a phone, if there is one, further to what Receipts says.
func (s *Server) Report(to string, receipts ...Receipt) bool {
	m, found := s.Inbox.Last(to)
	if found {
		s.report(m, receipts)
	}
	return found
}

// ReceiptAnswers lists the last 10,000 tries, in the order in which they ended.
func (s *Server) ReceiptAnswers() []ReceiptAnswer {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.answers)
}

func (s *Server) delivered(m Message) {
	s.mu.Lock()
	receipts, set := s.receipts[m.To]
	if !set {
		receipts, set = s.receipts[""]
	}
	s.mu.Unlock()
	if !set && m.Callback != "" {
		receipts = usualReceipts
	}
	s.report(m, receipts)
}

func (s *Server) report(m Message, receipts []Receipt) {
	if len(receipts) == 0 {
		return
	}
	due := s.Clock.Now()
	s.inBackground(func() {
		for _, r := range receipts {
			due = due.Add(r.After)
			if !s.Clock.wait(s.closing, func() (time.Time, bool) { return s.Inbox.aged(m, due) }) {
				return
			}
			if !r.Forged {
				s.Inbox.update(m.ID, func(m *Message) { m.Delivery = r.Status })
			}
			s.callAbout(m, r)
		}
	})
}

func (s *Server) callAbout(m Message, r Receipt) {
	if s.config.Receipt == nil {
		return
	}
	call, known := s.config.Receipt(m, r.Status)
	call.URL = cmp.Or(call.URL, m.Callback)
	if !known || call.URL == "" {
		return
	}
	if r.Forged {
		call = call.forged()
	}
	s.call(call, ReceiptAnswer{ID: m.ID, Status: r.Status, Forged: r.Forged})
}

// Call makes a call about no text, and returns the status of the first try; 0 = no answer.
func (s *Server) Call(call ReceiptCall) (status int) { return s.call(call, ReceiptAnswer{}) }

func (s *Server) call(call ReceiptCall, about ReceiptAnswer) (status int) {
	first := s.Clock.Now()
	status = s.try(call, about, 1)
	if status/100 == 2 || len(call.Retries) == 0 || about.Forged {
		return status
	}
	s.inBackground(func() {
		for i, after := range call.Retries {
			due := func() (time.Time, bool) { return first.Add(after), true }
			if !s.Clock.wait(s.closing, due) || s.try(call, about, i+2)/100 == 2 {
				return
			}
		}
	})
	return status
}

func (s *Server) try(call ReceiptCall, about ReceiptAnswer, n int) (status int) {
	const patience = 10 * time.Second
	ctx, cancel := context.WithTimeout(s.closing, cmp.Or(call.Within, patience))
	defer cancel()
	about.Try = n
	req, err := http.NewRequestWithContext(ctx, cmp.Or(call.Method, http.MethodPost), call.URL, bytes.NewReader(call.Body))
	if err == nil {
		if call.Header != nil {
			req.Header = call.Header.Clone()
		}
		var resp *http.Response
		if resp, err = s.caller.Do(req); err == nil {
			about.Code = resp.StatusCode
			_, _ = io.Copy(io.Discard, io.LimitReader(resp.Body, maxBody))
			_ = resp.Body.Close()
		}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.answers = append(s.answers, about)
	s.answers = s.answers[max(0, len(s.answers)-maxRequests):]
	return about.Code
}

const shortestSecret = 16

// forged is the call with a wrong secret, in the header or else the path's longest segment.
func (c ReceiptCall) forged() ReceiptCall {
	if c.Secret != "" {
		c.Header = c.Header.Clone()
		c.Header.Set(c.Secret, "Bearer forged")
		return c
	}
	u, err := url.Parse(c.URL)
	if err != nil {
		return c // try reports it
	}
	for segment := range strings.SplitSeq(u.Path, "/") {
		if len(segment) >= shortestSecret {
			c.URL = strings.Replace(c.URL, url.PathEscape(segment), strings.Repeat("x", len(segment)), 1)
			break
		}
	}
	return c
}

// inBackground runs f unless too much is running already. Close ends it.
func (s *Server) inBackground(f func()) {
	select {
	case s.reports <- struct{}{}:
	default:
		return
	}
	if !s.enter() {
		<-s.reports
		return
	}
	go func() {
		defer s.inflight.Done()
		defer func() { <-s.reports }()
		f()
	}()
}
