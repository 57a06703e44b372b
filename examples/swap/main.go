// Swap is one program, run with four configurations, and then with one that changes while a person is typing. Nothing in
// it imports a vendor, but simulators.go.
//
//	go run ./examples/swap
//
// The vendors are simulators that the program starts, so nothing is sent and nothing is needed.
package main

import (
	"context"
	"embed"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

//go:embed configs
var configs embed.FS

func main() {
	if err := run(context.Background(), os.Stdout); err != nil {
		fmt.Fprintln(os.Stderr, "swap:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, out io.Writer) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	sims := startSimulators()
	defer sims.close()
	p := program{out: out, phone: sims.phone, registry: otpconfig.Vendors()}
	p.registry.LookupEnv = sims.lookup // the real program leaves it alone: os.LookupEnv

	fmt.Fprint(out, "One program, four configurations:\n\n")
	for _, name := range []string{"insider", "kaleyra", "hypersender", "smsfactor"} {
		if err := p.runWith(ctx, name); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
	}
	fmt.Fprint(out, "\nOne configuration, swapped while a person is typing:\n\n")
	return p.runLive(ctx)
}
