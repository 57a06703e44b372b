// Simulator is a MailHog for passcodes: the four vendors on one port of this machine, and a web page of the phones that
// they text. Nothing is sent, no account is needed, and programs in any language can use it.
//
//	go run ./examples/simulator
//
// Then open http://127.0.0.1:8025. README.md beside this file shows the JSON API for end-to-end tests.
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/signal"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdout)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "simulator:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run is main with everything that it touches handed in, so that a test can run it. It ends with ctx.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	flags.SetOutput(out)
	addr := flags.String("addr", "127.0.0.1:8025", "where to listen")
	limit := flags.Int("limit", phones.DefaultLimit, "how many messages to keep")
	var hosts []string
	flags.Func("allow-host", "answer requests for this host, too, not for loopback alone: a name without a port; may be given several times",
		func(name string) error { hosts = append(hosts, name); return nil })
	if err := flags.Parse(args); err != nil {
		return err
	}
	if flags.NArg() > 0 {
		return fmt.Errorf("unexpected argument %q", flags.Arg(0))
	}
	p, err := phones.New(phones.Options{AllowHosts: hosts, Limit: *limit})
	if err != nil {
		return err
	}
	defer p.Close()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	greet(out, p, baseURL(listener.Addr(), hosts))
	return serve(ctx, listener, p)
}

// serve answers until ctx ends.
func serve(ctx context.Context, listener net.Listener, p *phones.Phones) error {
	server := &http.Server{Handler: p, ReadHeaderTimeout: 10 * time.Second, IdleTimeout: 2 * time.Minute}
	defer context.AfterFunc(ctx, func() {
		p.Close() // streams first: a server waits for them
		_ = server.Close()
	})()
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	return nil
}

// baseURL is an address that a browser on this machine can open, and that the server answers to.
func baseURL(addr net.Addr, hosts []string) string {
	tcp, ok := addr.(*net.TCPAddr)
	if !ok {
		return "http://" + addr.String()
	}
	host := tcp.IP.String()
	switch {
	case tcp.IP.IsUnspecified():
		host = "127.0.0.1"
	case !tcp.IP.IsLoopback() && len(hosts) > 0:
		host = hosts[0]
	}
	return "http://" + net.JoinHostPort(host, strconv.Itoa(tcp.Port))
}

// greet says where to look, and how to see the first code.
func greet(out io.Writer, p *phones.Phones, base string) {
	fmt.Fprintf(out, "\nThe phones: %s\n\n", base)
	for _, v := range p.Vendors() {
		fmt.Fprintf(out, "  %-12s %s%s\n", v.Name, base, v.Path)
	}
	fmt.Fprintf(out, "\nThe page has each vendor's configuration to paste. The first code, from here:\n\n%s\n\nNothing is sent. Stop with Ctrl-C.\n\n",
		indent(p.FirstCode(base)))
}

func indent(text string) string { return "  " + strings.ReplaceAll(text, "\n", "\n  ") }
