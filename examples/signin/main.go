// Signin is a small, complete sign-in by phone: type a number, type the code that it receives, and be signed in.
//
//	go run ./examples/signin
//	go run ./examples/signin -config otp.yaml
//
// The first is for looking around: the vendor is a simulator, whose phones have a page, and nothing is sent. The second
// uses real vendors. To copy it: signin.go is the sign-in, and words.go is what it says when something goes wrong.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Args[1:], os.Stdout); err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "signin:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run is main with everything that it touches handed in, so that a test can run it. It ends with ctx.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("signin", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("addr", "127.0.0.1:8080", "where to listen")
	path := flags.String("config", "", "a configuration of real vendors; without it, a simulator")
	cooldown := flags.Duration("cooldown", 30*time.Second, "how long to wait for a further code")
	if err := flags.Parse(args); err != nil {
		return err
	}
	provider, phones, stop, err := open(*path)
	if err != nil {
		return err
	}
	defer stop()
	handler, err := newApp(provider, *cooldown, phones, slog.New(slog.NewTextHandler(out, nil)))
	if err != nil {
		return err
	}
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "\nSign in:     http://%s\nThe phones:  %s\n\nStop with Ctrl-C.\n\n", listener.Addr(), cmp.Or(phones, "real ones"))
	server := &http.Server{Handler: handler, ReadTimeout: 10 * time.Second, WriteTimeout: time.Minute, IdleTimeout: time.Minute}
	go func() { _ = server.Serve(listener) }() // ends with Close
	<-ctx.Done()
	return server.Close()
}
