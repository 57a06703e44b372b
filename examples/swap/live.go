package main

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/route"
)

// runLive swaps the file that the running program follows.
func (p program) runLive(ctx context.Context) error {
	folder, err := os.MkdirTemp("", "swap")
	if err != nil {
		return err
	}
	defer os.RemoveAll(folder) //nolint:errcheck // the system tidies up what is left
	path := filepath.Join(folder, "otp.yaml")
	if err = install("insider", path); err != nil {
		return err
	}
	cfg, err := p.registry.Load(path)
	if err != nil {
		return err
	}
	provider, err := cfg.Provider()
	if err != nil {
		return err
	}
	live, err := route.NewSwitch("otp", provider, 0)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(ctx)
	defer stop()
	swapped, watched := make(chan error, 1), make(chan error, 1)
	go func() {
		watched <- cfg.Watch(ctx, live,
			otpconfig.WatchEvery(20*time.Millisecond), // the default of 5 s is long for a demonstration
			otpconfig.WatchReport(func(err error) { swapped <- err }))
	}()
	if err := p.swapWhileTyping(ctx, live, path, swapped); err != nil {
		return err
	}
	stop()
	return <-watched
}

func (p program) swapWhileTyping(ctx context.Context, live otp.Provider, path string, swapped <-chan error) error {
	first, err := live.Send(ctx, otp.SendRequest{To: somebody})
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "  a code is sent by %s; the person begins to type\n", first.Provider)

	if err = install("kaleyra", path); err != nil {
		return err
	}
	select {
	case err = <-swapped:
	case <-ctx.Done():
		err = ctx.Err()
	}
	if err != nil {
		return err
	}
	fmt.Fprintf(p.out, "  the file is swapped: sends go to %s from now on\n", live.Capabilities().Vendor)

	fmt.Fprint(p.out, "  the person types: ")
	if err = p.signIn(ctx, live, first); err != nil {
		return err
	}
	second, err := live.Send(ctx, otp.SendRequest{To: somebody})
	if err != nil {
		return err
	}
	fmt.Fprint(p.out, "  the next person: ")
	return p.signIn(ctx, live, second)
}

// install puts a configuration in the place of the one that is there, at once, as an editor does.
func install(name, path string) error {
	file, err := configs.ReadFile("configs/" + name + ".yaml")
	if err != nil {
		return err
	}
	if err := os.WriteFile(path+".new", file, 0o600); err != nil {
		return err
	}
	return os.Rename(path+".new", path)
}
