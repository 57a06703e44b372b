package otpredis

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// askAgain is how long nobody asks a Redis that has failed.
const askAgain = time.Second

// health remembers whether Redis answers, so that not everybody has to find out for himself.
type health struct {
	name   string
	logger *slog.Logger // nil = silence

	mu       sync.Mutex
	cause    error // nil = it answers
	since    time.Time
	failures uint64
}

// down returns why Redis is not asked; nil = it may be.
func (h *health) down() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.cause == nil || time.Since(h.since) >= askAgain {
		return nil
	}
	return h.cause
}

// failing returns why the last call failed; nil = it did not.
func (h *health) failing() error {
	h.mu.Lock()
	defer h.mu.Unlock()
	return h.cause
}

// report notes how a call ended. Only changes are logged.
func (h *health) report(err error) {
	h.mu.Lock()
	before := h.cause
	h.cause = err
	if err != nil {
		h.since = time.Now()
		h.failures++
	}
	h.mu.Unlock()
	switch {
	case before == nil && err != nil:
		h.log(slog.LevelWarn, "otp limiter: redis is down", slog.Any("error", err))
	case before != nil && err == nil:
		h.log(slog.LevelInfo, "otp limiter: redis is back")
	}
}

// log keeps a logger's panic away from a goroutine that is not the caller's.
func (h *health) log(level slog.Level, msg string, attrs ...slog.Attr) {
	if h.logger == nil {
		return
	}
	defer func() { _ = recover() }()
	attrs = append([]slog.Attr{slog.String("limiter", h.name)}, attrs...)
	h.logger.LogAttrs(context.Background(), level, msg, attrs...)
}
