package hypersendertest

// queue holds the messages that were accepted and have not gone out.
type queue struct {
	held    bool
	waiting []queued
}

type queued struct {
	code    *sentCode
	message Message
}

// Hold keeps messages with codes in the queue from now on, as a vendor does that spreads them out: requests
// succeed and no message arrives until Release. A code can be validated all the same.
func (s *Server) Hold() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.queue.held = true
}

// Release ends Hold and sends what has waited, in order.
func (s *Server) Release() {
	s.mu.Lock()
	defer s.mu.Unlock()
	waiting := s.queue.waiting
	s.queue = queue{}
	for _, q := range waiting {
		s.sendOut(q.code, q.message)
	}
}

// enqueue sends a message, or keeps it.
func (s *Server) enqueue(c *sentCode, m Message) {
	if s.queue.held {
		s.queue.waiting = append(s.queue.waiting, queued{c, m})
		return
	}
	s.sendOut(c, m)
}

func (s *Server) sendOut(c *sentCode, m Message) {
	m.SentAt = s.Clock.Now()
	c.sent = true
	s.Inbox.Deliver(m)
}
