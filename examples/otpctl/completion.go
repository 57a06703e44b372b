package main

import (
	"context"
	"flag"
	"fmt"
	"strings"
)

// scripts make a shell ask "otpctl complete" for words. Where it has none, the shell completes files.
func scripts() map[string]string {
	const bash = "complete -o default -C 'otpctl complete' otpctl\n"
	return map[string]string{
		"bash": bash,
		"zsh":  "autoload -U +X bashcompinit && bashcompinit\n" + bash,
		"fish": "complete -c otpctl -a '(COMP_LINE=(commandline -cp) otpctl complete)'\n",
	}
}

func completion(_ context.Context, o *options, args []string) error {
	script, ok := scripts()[args[0]]
	if !ok {
		return usagef("the shell has to be bash, zsh or fish")
	}
	fmt.Fprint(o.out, script)
	return nil
}

// complete prints the words that may stand at the end of the line COMP_LINE, as "complete -C" of bash wants them.
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
