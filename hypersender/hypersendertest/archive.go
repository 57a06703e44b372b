package hypersendertest

import "time"

// maxArchived is how many codes and links an archive keeps, and how many callbacks the server does.
const maxArchived = 10_000

// archive is what the vendor's dashboard lists: the last codes and links, by uuid.
type archive struct {
	entries map[string]otp
	order   []string         // uuids, oldest first
	links   map[string]*link // those among the entries, by code
}

// otp is a code or a link.
type otp interface {
	status(now time.Time) string
}

// add stores an entry; over the limit the oldest goes.
func (a *archive) add(uuid string, entry otp) {
	if a.entries == nil {
		a.entries, a.links = make(map[string]otp), make(map[string]*link)
	}
	a.entries[uuid] = entry
	a.order = append(a.order, uuid)
	if l, isLink := entry.(*link); isLink {
		a.links[l.code] = l
	}
	if len(a.order) > maxArchived {
		a.dropOldest()
	}
}

func (a *archive) dropOldest() {
	uuid := a.order[0]
	if l, isLink := a.entries[uuid].(*link); isLink {
		delete(a.links, l.code)
	}
	delete(a.entries, uuid)
	a.order = a.order[1:]
}

// StatusOf is the status of one of the last 10,000 codes and links, by the uuid of the answer: pending, sent,
// validated or expired for a code ("Request OTP Code"), and pending, verified, failed or expired for a link
// ("Generate Link"). The API has no call for it; the vendor's dashboard lists the requests.
func (s *Server) StatusOf(uuid string) (string, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	entry, ok := s.archive.entries[uuid]
	if !ok {
		return "", false
	}
	return entry.status(s.Clock.Now()), true
}
