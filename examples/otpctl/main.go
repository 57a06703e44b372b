// Otpctl sends and verifies codes with your program's configuration, and finds out what is wrong
// with it.
//
//	otpctl help            lists the commands
//	otpctl help COMMAND    explains one, with examples
//
// For example:
//
//	otpctl doctor -config otp.yaml
//	otpctl send -config otp.yaml +12025550123 > handle.json
//	otpctl verify -config otp.yaml handle.json
//
// Without -config the configuration is in the environment: OTP_CONFIG, OTP_VENDOR and so on.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime"
	"runtime/debug"
	"strings"
	"time"
	"unicode"

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

// console is what the program reads and writes. What another program may want to read goes to out.
type console struct {
	in         io.Reader
	out, notes io.Writer
	env        func(string) (string, bool)
}

// The codes to end with, besides 0. They stand in the help.
const (
	exitFailed   = 1
	exitUsage    = 2
	exitRejected = 3
	exitUnknown  = 4
)

const exitCodes = `
0  all went well; doctor and probe: there is nothing to report
1  it failed, and nothing was sent or judged; doctor and probe: they found something
2  the command line, the configuration or a file is wrong, and nothing was done
3  the code was judged, and is not right
4  not known: the person may hold a code, or the code may be used up
`

type usageError string

func (e usageError) Error() string { return string(e) }

func usagef(format string, args ...any) error { return usageError(fmt.Sprintf(format, args...)) }

// errFound ends a command that has reported what it found.
var errFound = errors.New("something was found, see above")

func (c console) run(ctx context.Context, args []string) (code int) {
	c.out, c.notes = plain{c.out}, plain{c.notes}
	if err := c.dispatch(ctx, args); err != nil {
		fmt.Fprintln(c.notes, "otpctl:", err)
		return codeOf(err)
	}
	return 0
}

// dispatch finds the command and runs it. Flags may stand before and after it.
func (c console) dispatch(ctx context.Context, args []string) error {
	o := options{console: c}
	global := flag.NewFlagSet("otpctl", flag.ContinueOnError)
	o.common(global)
	global.BoolVar(&o.version, "version", false, "print the version and end")
	rest, err := parse(global, args, 1)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return c.help(nil)
	case err != nil:
		return usagef("%v; see otpctl help", err)
	case o.version:
		fmt.Fprintln(c.out, "otpctl", version())
		return nil
	case len(rest) == 0:
		return usagef("a command is missing; see otpctl help")
	case rest[0] == "complete": // for shells alone; what follows may be half a flag
		o.complete()
		return nil
	}
	cmd, ok := find(rest[0])
	if !ok {
		return usagef("there is no command %q; see otpctl help", rest[0])
	}
	args, err = parse(cmd.flagSet(&o), rest[1:], -1)
	switch {
	case errors.Is(err, flag.ErrHelp):
		return c.help([]string{cmd.name})
	case err != nil:
		return usagef("%v; see otpctl help %s", err, cmd.name)
	case len(args) < cmd.least || len(args) > cmd.most:
		return usagef("use it like this: %s", cmd.usage())
	}
	return cmd.run(ctx, &o, args)
}

// parse reads flags, and stops at the nth argument; -1 = at none.
func parse(flags *flag.FlagSet, args []string, stop int) (found []string, err error) {
	flags.SetOutput(io.Discard)
	for {
		if err := flags.Parse(args); err != nil {
			return nil, err
		}
		args = flags.Args()
		if len(args) == 0 {
			return found, nil
		}
		if stop--; stop == 0 {
			return append(found, args...), nil
		}
		found, args = append(found, args[0]), args[1:]
	}
}

func version() string {
	built := "(devel)"
	if info, ok := debug.ReadBuildInfo(); ok {
		built = cmp.Or(info.Main.Version, built)
	}
	return built + " " + runtime.Version()
}

type options struct {
	console

	version bool
	config  string
	timeout time.Duration
	request otp.SendRequest
	dryRun  bool
	output  string
}

func (o *options) common(flags *flag.FlagSet) {
	flags.StringVar(&o.config, "config", o.config, "the `file` with the configuration; without it, the environment")
	flags.DurationVar(&o.timeout, "timeout", cmp.Or(o.timeout, 30*time.Second), "give up a call after this `time`")
}

// within bounds one call. A person who types, and the number of probes, are not in its time.
func (o *options) within(ctx context.Context) (context.Context, context.CancelFunc) {
	return context.WithTimeout(ctx, o.timeout)
}

// load reads the configuration as a whole. Its errors name what is wrong, line by line.
func (o *options) load(opts ...otp.Option) (*otpconfig.Config, otp.Provider, error) {
	vendors := otpconfig.Vendors()
	vendors.StandIns = true // for stores that only the program itself has
	read := func() (*otpconfig.Config, error) { return vendors.FromEnv(o.env) }
	if o.config != "" {
		read = func() (*otpconfig.Config, error) { return vendors.Load(o.config) }
	}
	config, err := read()
	if err != nil {
		return nil, nil, usageError(err.Error())
	}
	provider, err := config.Provider(opts...)
	if err != nil {
		return nil, nil, usageError(err.Error())
	}
	return config, provider, nil
}

func codeOf(err error) int {
	var usage usageError
	var failure *otp.Error
	switch errors.As(err, &failure); {
	case errors.As(err, &usage), failure != nil && isUsage(failure):
		return exitUsage
	case errors.Is(err, otp.ErrCodeRejected):
		return exitRejected
	case failure != nil && otp.OutcomeOf(err) != otp.OutcomeNotSent:
		return exitUnknown
	default:
		return exitFailed
	}
}

// isUsage reports whether a request was refused before anybody was asked.
func isUsage(failure *otp.Error) bool {
	return failure.HTTPStatus == 0 && (errors.Is(failure, otp.ErrInvalidRequest) || errors.Is(failure, otp.ErrInvalidRecipient) ||
		errors.Is(failure, otp.ErrUnsupported) || errors.Is(failure, otp.ErrMisconfigured))
}

// plain escapes, as JSON does, what could control a terminal: all but what is printable, \n and \t.
type plain struct{ io.Writer }

func (p plain) Write(text []byte) (int, error) {
	if _, err := io.WriteString(p.Writer, escape(string(text))); err != nil {
		return 0, err
	}
	return len(text), nil
}

func escape(text string) string {
	harmless := func(r rune) bool { return r == '\n' || r == '\t' || r != unicode.ReplacementChar && unicode.IsPrint(r) }
	var b strings.Builder
	for _, r := range text {
		switch {
		case harmless(r):
			b.WriteRune(r)
		case r > 0xFFFF:
			b.WriteString(`\ufffd`)
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
	}
	return b.String()
}
