package otpredis

import (
	"container/list"
	"sync"
)

// line is where those wait whom Redis had no slot for, in the order in which they came. Only the first of them asks again.
type line struct {
	mu      sync.Mutex
	waiting list.List // of chan struct{}, closed when its owner is the first
}

type place = list.Element

func (l *line) length() int {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.waiting.Len()
}

func (l *line) join() *place {
	l.mu.Lock()
	defer l.mu.Unlock()
	p := l.waiting.PushBack(make(chan struct{}))
	if l.waiting.Front() == p {
		close(isFirst(p))
	}
	return p
}

func (l *line) leave(p *place) {
	l.mu.Lock()
	defer l.mu.Unlock()
	wasFirst := l.waiting.Front() == p
	l.waiting.Remove(p)
	if next := l.waiting.Front(); wasFirst && next != nil {
		close(isFirst(next))
	}
}

// isFirst is closed once the place is the first of the line.
func isFirst(p *place) chan struct{} { return p.Value.(chan struct{}) }
