// Simulator is a MailHog for passcodes: the four vendors on one port of this machine, and a web
// page of the phones that they text. Nothing is sent, and programs in any language can use it.
//
//	go run ./examples/simulator
//
// Then open http://127.0.0.1:8025. README.md shows the JSON API for end-to-end tests.
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
	"runtime"
	"runtime/debug"
	"strconv"
	"strings"
	"syscall"
	"time"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "simulator:", err)
	}
	os.Exit(exitCode(err))
}

// badInput is an error that the person can mend on the command line.
type badInput struct{ error }

// exitCode is 2 for bad input, and 1 for what else goes wrong.
func exitCode(err error) int {
	switch {
	case err == nil:
		return 0
	case errors.As(err, new(badInput)):
		return 2
	default:
		return 1
	}
}

const help = `Simulator is a MailHog for passcodes: four vendors on one port of this machine,
and a web page of the phones that they text. Nothing is sent.

Usage: simulator [flags]

  -addr HOST:PORT   where to listen (127.0.0.1:8025)
  -allow-host NAME  answer requests for this host, too, not for loopback alone:
                    a name without a port; may be given several times
  -limit N          how many messages to keep (10000)
  -health           ask the simulator that runs at -addr whether it is well;
                    the exit code is 0 if it is, else 1
  -version          print the version

Examples:

  simulator
  simulator -addr 127.0.0.1:9000 -limit 500
  simulator -addr 0.0.0.0:8025 -allow-host simulator
  simulator -addr 0.0.0.0:8025 -health

SIGTERM and Ctrl-C end it. The exit code is 2 for a mistake on the command line.
`

// run is main with everything that it touches handed in. It ends with ctx.
func run(ctx context.Context, args []string, out io.Writer) error {
	flags := flag.NewFlagSet("simulator", flag.ContinueOnError)
	flags.SetOutput(io.Discard)
	addr := flags.String("addr", "127.0.0.1:8025", "")
	limit := flags.Int("limit", phones.DefaultLimit, "")
	health, version := flags.Bool("health", false, ""), flags.Bool("version", false, "")
	var hosts []string
	flags.Func("allow-host", "", func(name string) error { hosts = append(hosts, name); return nil })
	err := flags.Parse(args)
	where, notAddr := net.ResolveTCPAddr("tcp", *addr)
	switch {
	case errors.Is(err, flag.ErrHelp):
		fmt.Fprint(out, help)
		return nil
	case err != nil:
		return badInput{fmt.Errorf("%w; simulator -h lists the flags", err)}
	case flags.NArg() > 0:
		return badInput{fmt.Errorf("unexpected argument %q; simulator -h lists the flags", flags.Arg(0))}
	case notAddr != nil:
		return badInput{fmt.Errorf("-addr: must be a host and a port, such as 127.0.0.1:8025: %w", notAddr)}
	case *version:
		fmt.Fprintln(out, versionText())
		return nil
	case *health:
		return checkHealth(ctx, baseURL(where, hosts))
	}
	p, err := phones.New(phones.Options{AllowHosts: hosts, Limit: *limit})
	if err != nil {
		return badInput{err}
	}
	defer p.Close()
	listener, err := new(net.ListenConfig).Listen(ctx, "tcp", *addr)
	if err != nil {
		return err
	}
	greet(out, p, baseURL(listener.Addr(), hosts))
	return serve(ctx, listener, p)
}

func versionText() string {
	version := "(unknown)"
	if info, ok := debug.ReadBuildInfo(); ok {
		version = info.Main.Version
	}
	return "simulator " + version + " " + runtime.Version()
}

// checkHealth asks a simulator that runs. An image without a shell has nothing else that could.
func checkHealth(ctx context.Context, base string) error {
	ctx, cancel := context.WithTimeout(ctx, 2*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, base+"/api/health", nil)
	if err != nil {
		return err
	}
	client := &http.Client{Transport: &http.Transport{DisableKeepAlives: true}} // without a proxy
	resp, err := client.Do(req)
	if err != nil {
		return err
	}
	_ = resp.Body.Close()
	if resp.StatusCode != http.StatusOK {
		return fmt.Errorf("%s answers %s", base, resp.Status)
	}
	return nil
}

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

func greet(out io.Writer, p *phones.Phones, base string) {
	fmt.Fprintf(out, "\nThe phones: %s\n\n", base)
	for _, v := range p.Vendors() {
		fmt.Fprintf(out, "  %-12s %s%s\n", v.Name, base, v.Path)
	}
	fmt.Fprintf(out, "\nThe page has each vendor's configuration to paste. The first code, from here:\n\n%s\n\nNothing is sent. Stop with Ctrl-C.\n\n",
		strings.ReplaceAll("  "+p.FirstCode(base), "\n", "\n  "))
}
