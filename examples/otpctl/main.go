// Otpctl sends and verifies codes with the configuration of your program, and finds out what is wrong with it.
//
//	otpctl [flags] doctor                checks the configuration and the way to the vendors, and texts nobody
//	otpctl [flags] caps                  what each provider can do
//	otpctl [flags] send NUMBER           sends a code, and prints the handle that verify needs
//	otpctl [flags] verify HANDLE [CODE]  verifies a code; HANDLE is a file, or - for the standard input
//
// For example:
//
//	go run ./examples/otpctl -config otp.yaml doctor
//	go run ./examples/otpctl -config otp.yaml send +12025550123 > handle.json
//	go run ./examples/otpctl -config otp.yaml verify handle.json
//
// Without -config the configuration is in the environment: OTP_CONFIG, OTP_VENDOR and so on. A code that is not given is
// read from the standard input. The handle holds the whole number; nothing else that is printed does, nor any secret.
//
// It ends with one of these codes:
//
//	0  all went well; for doctor: nothing is wrong, as far as could be checked
//	1  it failed, and nothing was sent, or nothing was judged; for doctor: something is wrong
//	2  the command line or the configuration is wrong
//	3  the code was judged, and is not right
//	4  not known: the person may hold a code, or the code may be used up
package main

import (
	"context"
	"crypto/x509"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	c := console{in: os.Stdin, out: os.Stdout, notes: os.Stderr, env: os.LookupEnv}
	code := c.run(ctx, os.Args[1:])
	stop()
	os.Exit(code)
}

// console is what the program reads and writes, so that a test can run it. Only what another program may want to read
// goes to out.
type console struct {
	in         io.Reader
	out, notes io.Writer
	env        func(string) (string, bool)
	roots      *x509.CertPool // nil = this machine's
}

// The codes to end with, besides 0.
const (
	exitFailed   = 1
	exitUsage    = 2
	exitRejected = 3
	exitUnknown  = 4
)

// usageError is a command line that makes no sense.
type usageError string

func (e usageError) Error() string { return string(e) }

func (c console) run(ctx context.Context, args []string) (code int) {
	flags := flag.NewFlagSet("otpctl", flag.ContinueOnError)
	flags.SetOutput(c.notes)
	flags.Usage = func() {
		fmt.Fprint(c.notes, "otpctl [flags] doctor | caps | send NUMBER | verify HANDLE [CODE]\n\n")
		flags.PrintDefaults()
	}
	path := flags.String("config", "", "the configuration; without it, the environment")
	timeout := flags.Duration("timeout", 30*time.Second, "give up after this long")
	channel := flags.String("channel", "", "send: sms, whatsapp or voice; without it, the provider's default")
	locale := flags.String("locale", "", `send: the language, such as "pt-BR"`)
	switch err := flags.Parse(args); {
	case errors.Is(err, flag.ErrHelp):
		return 0
	case err != nil:
		return exitUsage
	}
	config, provider, err := c.load(*path)
	if err != nil {
		return c.fail(exitUsage, err)
	}
	ctx, cancel := context.WithTimeout(ctx, *timeout)
	defer cancel()

	switch command, rest := flags.Arg(0), flags.Args(); {
	case command == "doctor" && len(rest) == 1:
		err = c.doctor(ctx, config, provider)
	case command == "caps" && len(rest) == 1:
		err = c.caps(provider)
	case command == "send" && len(rest) == 2:
		err = c.send(ctx, provider, otp.SendRequest{To: rest[1], Channel: otp.Channel(*channel), Locale: *locale})
	case command == "verify" && (len(rest) == 2 || len(rest) == 3):
		err = c.verify(ctx, provider, rest[1], rest[2:])
	default:
		flags.Usage()
		return exitUsage
	}
	if err != nil {
		return c.fail(codeOf(err), err)
	}
	return 0
}

// load reads the configuration as a whole. Its errors name what is wrong, line by line.
func (c console) load(path string) (*otpconfig.Config, otp.Provider, error) {
	read := func() (*otpconfig.Config, error) { return otpconfig.FromEnv(c.env) }
	if path != "" {
		read = func() (*otpconfig.Config, error) { return otpconfig.Load(path) }
	}
	config, err := read()
	if err != nil {
		return nil, nil, err
	}
	provider, err := config.Provider()
	return config, provider, err
}

func (c console) fail(code int, err error) int {
	fmt.Fprintln(c.notes, "otpctl:", err)
	return code
}

// codeOf is the code to end with.
func codeOf(err error) int {
	var usage usageError
	var failure *otp.Error
	switch {
	case errors.As(err, &usage):
		return exitUsage
	case errors.Is(err, otp.ErrCodeRejected):
		return exitRejected
	case errors.As(err, &failure) && otp.OutcomeOf(err) != otp.OutcomeNotSent:
		return exitUnknown
	default:
		return exitFailed
	}
}
