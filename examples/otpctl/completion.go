package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
)

// completion prints what a shell needs to complete commands and flags.
func completion(_ context.Context, o *options, args []string) error {
	script, ok := map[string]func(*strings.Builder){"bash": bash, "zsh": zsh, "fish": fish}[args[0]]
	if !ok {
		return usagef("the shell has to be bash, zsh or fish")
	}
	var b strings.Builder
	script(&b)
	fmt.Fprint(o.out, b.String())
	return nil
}

// eachFlag visits the flags of a command.
func (cmd command) eachFlag(visit func(name, usage string)) {
	cmd.flagSet(new(options)).VisitAll(func(f *flag.Flag) {
		_, usage := flag.UnquoteUsage(f)
		visit("-"+f.Name, strings.ReplaceAll(usage, "'", ""))
	})
}

func bash(b *strings.Builder) {
	var names []string
	for _, cmd := range commands() {
		names = append(names, cmd.name)
	}
	fmt.Fprintf(b, "_otpctl() {\n\tlocal words='%s'\n\tif ((COMP_CWORD > 1)); then\n\t\tcase ${COMP_WORDS[1]} in\n", strings.Join(names, " "))
	for _, cmd := range commands() {
		var flags []string
		cmd.eachFlag(func(name, _ string) { flags = append(flags, name) })
		fmt.Fprintf(b, "\t\t%s) words='%s' ;;\n", cmd.name, strings.Join(flags, " "))
	}
	b.WriteString("\t\tesac\n\tfi\n\tCOMPREPLY=($(compgen -W \"$words\" -- \"${COMP_WORDS[COMP_CWORD]}\"))\n}\ncomplete -o default -F _otpctl otpctl\n")
}

func zsh(b *strings.Builder) {
	b.WriteString("#compdef otpctl\n_otpctl() {\n\tif ((CURRENT == 2)); then\n\t\tlocal -a commands=(\n")
	for _, cmd := range commands() {
		fmt.Fprintf(b, "\t\t\t'%s:%s'\n", cmd.name, cmd.summary)
	}
	b.WriteString("\t\t)\n\t\t_describe command commands\n\t\treturn\n\tfi\n\tcase $words[2] in\n")
	for _, cmd := range commands() {
		fmt.Fprintf(b, "\t%s) _arguments", cmd.name)
		cmd.eachFlag(func(name, usage string) {
			fmt.Fprintf(b, " '%s[%s]:value:_files'", name, strings.NewReplacer("[", "(", "]", ")").Replace(usage))
		})
		b.WriteString(" '*:file:_files' ;;\n")
	}
	b.WriteString("\tesac\n}\n[[ $zsh_eval_context == *loadautofunc* ]] && _otpctl \"$@\" || compdef _otpctl otpctl\n")
}

func fish(b *strings.Builder) {
	for _, cmd := range commands() {
		fmt.Fprintf(b, "complete -c otpctl -n __fish_use_subcommand -f -a %s -d '%s'\n", cmd.name, cmd.summary)
		cmd.eachFlag(func(name, usage string) {
			fmt.Fprintf(b, "complete -c otpctl -n '__fish_seen_subcommand_from %s' -r -o %s -d '%s'\n", cmd.name, strings.TrimPrefix(name, "-"), usage)
		})
	}
}
