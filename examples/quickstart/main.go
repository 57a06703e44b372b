// Quickstart sends a one-time passcode over real HTTP, shows it arrive at a phone, and verifies it.
//
// Without flags the vendor is a simulator that it starts itself, so nothing is sent and nothing is
// needed:
//
//	go run ./examples/quickstart
//	go run ./examples/quickstart -vendor all
//
// With -to the same happens through the real vendor, with credentials from the environment, and you
// type the code:
//
//	INSIDER_API_KEY=... go run ./examples/quickstart -vendor insider -to +905321234567
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	err := run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.LookupEnv)
	if err != nil && !errors.Is(err, flag.ErrHelp) {
		fmt.Fprintln(os.Stderr, "quickstart:", err)
		os.Exit(1) //nolint:gocritic // stop has nothing left to do
	}
}

// run is main with everything that it touches handed in, so that a test can run it.
func run(ctx context.Context, args []string, in io.Reader, out io.Writer, env func(string) (string, bool)) error {
	flags := flag.NewFlagSet("quickstart", flag.ContinueOnError)
	flags.SetOutput(out)
	name := flags.String("vendor", "insider", "the vendor: "+vendorNames()+", or all of them")
	to := flags.String("to", "", "your number as E.164 (+905321234567): really send there, with credentials from the environment")
	timeout := flags.Duration("timeout", 10*time.Minute, "give up after this long")
	if err := flags.Parse(args); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()

	chosen, err := vendorsNamed(*name)
	switch {
	case err != nil:
		return err
	case *to == "":
		return simulateAll(ctx, chosen, out)
	case len(chosen) > 1:
		return errors.New("-to sends for real: choose one -vendor")
	default:
		return sendForReal(ctx, chosen[0], *to, env, in, out)
	}
}
