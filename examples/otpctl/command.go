package main

import (
	"context"
	"flag"
	"fmt"
	"slices"
	"strings"
	"text/tabwriter"

	"github.com/otp-sdk/otp-go/otp"
)

type command struct {
	name, args, summary string
	about               string
	examples            []string

	least, most int // arguments
	flags       func(*options, *flag.FlagSet)
	run         func(context.Context, *options, []string) error
}

func commands() []command {
	return []command{
		{
			name: "send", args: "NUMBER", summary: "sends a code, and prints the handle that verify needs",
			about: "The handle is one line of JSON on the standard output. It holds the whole number; nothing else that is printed does, nor any secret. " +
				"When it is not known whether a code was sent, the handle is printed, too: the person may hold a code.",
			examples: []string{"otpctl send -config otp.yaml +12025550123 > handle.json", "otpctl send -config otp.yaml -channel whatsapp -locale pt-BR +12025550123"},
			least:    1, most: 1, flags: (*options).requestFlags, run: send,
		},
		{
			name: "verify", args: "HANDLE [CODE]", summary: "verifies a code",
			about:    "HANDLE is a file with what send has printed, or - for the standard input. A code that is not given is read from the standard input.",
			examples: []string{"otpctl verify -config otp.yaml handle.json", "otpctl send -config otp.yaml +12025550123 | otpctl verify -config otp.yaml - 123456"},
			least:    1, most: 2, run: verify,
		},
		{
			name: "caps", summary: "prints what each provider can do",
			examples: []string{"otpctl caps -config otp.yaml"},
			run:      caps,
		},
		{
			name: "doctor", args: "[NUMBER]", summary: "checks the configuration and the way to the vendors, and texts nobody",
			about: "It asks each vendor to verify a made-up code of a number that belongs to nobody. With flags or a NUMBER, it says which failovers are none " +
				"for such a request. A program does the same with otpconfig.Doctor, as a readiness check; that also takes further checks, such as otpredis.Check.",
			examples: []string{"otpctl doctor -config otp.yaml", "otpctl doctor -config otp.yaml -channel voice +4915112345678"},
			most:     1, flags: (*options).requestFlags, run: doctor,
		},
		{
			name: "explain", args: "NUMBER", summary: "says which provider would take a number, and why",
			about:    "Nobody is asked and nothing is sent. What a learning route has learned is in the program that runs it: route.Router.Explain says it there.",
			examples: []string{"otpctl explain -config otp.yaml +905321234567", "otpctl explain -config otp.yaml -channel voice +905321234567"},
			least:    1, most: 1, flags: (*options).requestFlags, run: explain,
		},
		{
			name: "probe", args: "[PROVIDER...]", summary: "compares what the vendors answer with what our simulators do, and texts nobody",
			about: "It first prints every request that it will make with your credentials, and why that texts nobody. The report on the standard output shows both " +
				"answers to each, with keys, numbers and codes masked, and can go into a bug report as it is. Without a PROVIDER, all are probed.",
			examples: []string{"otpctl probe -config otp.yaml -dry-run", "otpctl probe -config otp.yaml main > report.txt"},
			most:     20, run: runProbes,
			flags: func(o *options, flags *flag.FlagSet) {
				flags.BoolVar(&o.dryRun, "dry-run", false, "print the requests and make none")
			},
		},
		{
			name: "record", args: "NUMBER", summary: "sends and verifies a code, and writes what went over the wire, without secrets",
			about: "The file is an HTTP archive (HAR) in which placeholders stand for keys, numbers, codes and references, the same one for the same value. " +
				"A test serves it with otpsim.Replay. The code is read from the standard input. This sends a real text.",
			examples: []string{"otpctl record -config otp.yaml -o insider.har +12025550123"},
			least:    1, most: 1, flags: (*options).recordFlags, run: record,
		},
		{
			name: "completion", args: "bash|zsh|fish", summary: "prints a script that completes commands and flags",
			examples: []string{"source <(otpctl completion bash) # in ~/.bashrc, or with zsh in ~/.zshrc", "otpctl completion fish > ~/.config/fish/completions/otpctl.fish"},
			least:    1, most: 1, run: completion,
		},
		{
			name: "help", args: "[COMMAND]", summary: "lists the commands, or explains one",
			examples: []string{"otpctl help send"},
			most:     1, run: func(_ context.Context, o *options, args []string) error { return o.help(args) },
		},
	}
}

func find(name string) (command, bool) {
	all := commands()
	i := slices.IndexFunc(all, func(cmd command) bool { return cmd.name == name })
	if i < 0 {
		return command{}, false
	}
	return all[i], true
}

func (cmd command) flagSet(o *options) *flag.FlagSet {
	flags := flag.NewFlagSet(cmd.name, flag.ContinueOnError)
	o.common(flags)
	if cmd.flags != nil {
		cmd.flags(o, flags)
	}
	return flags
}

func (cmd command) usage() string {
	return strings.TrimSpace("otpctl " + cmd.name + " [flags] " + cmd.args)
}

func (o *options) requestFlags(flags *flag.FlagSet) {
	channel := func(text string) error {
		o.request.Channel = otp.Channel(text)
		return nil
	}
	flags.Func("channel", "sms, whatsapp or voice; without it, the provider's default `channel`", channel)
	flags.StringVar(&o.request.Locale, "locale", "", "the `language`, such as pt-BR")
	flags.IntVar(&o.request.CodeLength, "length", 0, "how many `characters` the code has; without it, six where that can be chosen")
	flags.DurationVar(&o.request.TTL, "ttl", 0, "how `long` the code is valid; without it, five minutes where that can be chosen")
}

func (o *options) to(number string) (otp.SendRequest, error) {
	if err := otp.CheckRecipient(number); err != nil {
		return otp.SendRequest{}, usagef("the number has to be international, with its + and digits alone: +12025550123")
	}
	o.request.To = number
	return o.request, nil
}

func (c console) help(args []string) error {
	if len(args) > 0 {
		cmd, ok := find(args[0])
		if !ok {
			return usagef("there is no command %q; see otpctl help", args[0])
		}
		cmd.page(c)
		return nil
	}
	fmt.Fprint(c.out, "otpctl sends and verifies codes with the configuration of your program, and finds out what is wrong with it.\n\nCommands:\n")
	table := tabwriter.NewWriter(c.out, 0, 0, 2, ' ', 0)
	for _, cmd := range commands() {
		fmt.Fprintf(table, "  %s\t%s\n", strings.TrimSpace(cmd.name+" "+cmd.args), cmd.summary)
	}
	_ = table.Flush() // into the terminal, where an error has nobody to go to
	fmt.Fprintf(c.out, "\nExit codes:\n%s\n\"otpctl help COMMAND\" has flags and examples; \"otpctl -version\" prints the version.\n", indent(exitCodes))
	return nil
}

// page is the help of a command, in the order of a manual page.
func (cmd command) page(c console) {
	fmt.Fprintf(c.out, "NAME\n    otpctl %s - %s\n\nUSAGE\n    %s\n", cmd.name, cmd.summary, cmd.usage())
	if cmd.about != "" {
		fmt.Fprintf(c.out, "\nDESCRIPTION\n%s", indent(wrapped(cmd.about)))
	}
	fmt.Fprint(c.out, "\nFLAGS\n")
	cmd.flagSet(new(options)).VisitAll(func(f *flag.Flag) {
		value, usage := flag.UnquoteUsage(f)
		fmt.Fprintf(c.out, "    %s\n        %s\n", strings.TrimSpace("-"+f.Name+" "+strings.ToUpper(value)), usage)
	})
	fmt.Fprintf(c.out, "\nEXAMPLES\n%s\nEXIT CODES\n%s", indent(strings.Join(cmd.examples, "\n")), indent(exitCodes))
}

func indent(text string) string {
	return "    " + strings.ReplaceAll(strings.Trim(text, "\n"), "\n", "\n    ") + "\n"
}

func wrapped(text string) string {
	var b strings.Builder
	width := 0
	for _, word := range strings.Fields(text) {
		if width > 0 && width+len(word) > 90 {
			b.WriteByte('\n')
			width = 0
		} else if width > 0 {
			b.WriteByte(' ')
		}
		b.WriteString(word)
		width += len(word) + 1
	}
	return b.String()
}

// completion makes a shell ask "otpctl complete" for words. Where it has none, the shell completes
// files.
func completion(_ context.Context, o *options, args []string) error {
	const bash = "complete -o default -C 'otpctl complete' otpctl\n"
	script, ok := map[string]string{
		"bash": bash,
		"zsh":  "autoload -U +X bashcompinit && bashcompinit\n" + bash,
		"fish": "complete -c otpctl -a '(COMP_LINE=(commandline -cp) otpctl complete)'\n",
	}[args[0]]
	if !ok {
		return usagef("the shell has to be bash, zsh or fish")
	}
	fmt.Fprint(o.out, script)
	return nil
}

// complete prints the words that may stand at the end of the line COMP_LINE, as "complete -C" of
// bash wants them.
func (o *options) complete() {
	line, _ := o.env("COMP_LINE")
	words := strings.Fields(line)
	if line == "" || strings.HasSuffix(line, " ") {
		words = append(words, "")
	}
	last := words[len(words)-1]
	suggest := func(word string) {
		if strings.HasPrefix(word, last) {
			fmt.Fprintln(o.out, word)
		}
	}
	if len(words) < 3 {
		for _, cmd := range commands() {
			suggest(cmd.name)
		}
		return
	}
	if cmd, ok := find(words[1]); ok && strings.HasPrefix(last, "-") {
		cmd.flagSet(new(options)).VisitAll(func(f *flag.Flag) { suggest("-" + f.Name) })
	}
}
