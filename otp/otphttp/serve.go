package otphttp

import (
	"context"
	"errors"
	"net"
	"net/http"
	"time"
)

// Serve serves HTTP on l until ctx ends, with time limits for slow clients. Then it takes no more
// requests, and waits up to 20 seconds for those under way, which ctx does not cancel: no text that is
// being sent is cut off or forgotten. Nil means that all of them were answered.
func Serve(ctx context.Context, l net.Listener, h http.Handler) error {
	lasting := context.WithoutCancel(ctx)
	server := &http.Server{
		Handler: h, ReadHeaderTimeout: 10 * time.Second, ReadTimeout: 30 * time.Second, WriteTimeout: 90 * time.Second,
		IdleTimeout: time.Minute, MaxHeaderBytes: 32 << 10, BaseContext: func(net.Listener) context.Context { return lasting },
	}
	failed := make(chan error, 1)
	go func() { failed <- server.Serve(l) }()
	select {
	case err := <-failed:
		return err
	case <-ctx.Done():
	}
	drain, cancel := context.WithTimeout(lasting, 20*time.Second)
	defer cancel()
	if err := server.Shutdown(drain); err != nil {
		return errors.Join(err, server.Close())
	}
	return nil
}
