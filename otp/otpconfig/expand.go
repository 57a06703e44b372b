package otpconfig

import (
	"cmp"
	"regexp"
	"strings"
)

type lookup func(name string) (string, bool)

// longestText bounds a text with its variables, and a secret's file.
const longestText = 64 << 10

// expander replaces ${NAME} in texts, once, after parsing, so that no value can add a line to the
// file.
type expander struct {
	*problems
	lookup lookup
}

func (e expander) expand(path string, n *node) {
	for _, m := range n.members {
		if !isExtension(path, m.name) {
			e.expand(join(path, m.name), m.value)
		}
	}
	for i, item := range n.items {
		e.expand(index(path, i), item)
	}
	if !n.isText || !strings.Contains(n.literal, "${") {
		return
	}
	expanded, rule := e.text(n.literal)
	if rule != "" {
		e.add(path, n.at, rule)
		n.kind = broken
		return
	}
	n.literal, n.loose = expanded, true
}

const (
	variableRule = `must write variables as ${NAME} or ${NAME:-default}, and ${ itself as $${`
	tooLong      = "must not be longer than 64 KiB"
)

var references = regexp.MustCompile(`\$\$\{|\$\{([^}]*)\}?`)

// text returns s with its variables' values, or the rule that it breaks.
func (e expander) text(s string) (expanded, rule string) {
	size := 0
	expanded = references.ReplaceAllStringFunc(s, func(found string) string {
		if found == "$${" {
			return "${"
		}
		name, closed := strings.CutSuffix(found[len("${"):], "}")
		value, broken := e.variable(name)
		if !closed {
			broken = variableRule
		} else if size += len(value); size > longestText { // here, so that memory stays bounded
			broken = tooLong
		}
		if rule = cmp.Or(rule, broken); rule != "" {
			return ""
		}
		return value
	})
	if len(expanded) > longestText {
		rule = cmp.Or(rule, tooLong)
	}
	return expanded, rule
}

var validVariable = regexp.MustCompile(`\A[A-Za-z_][A-Za-z0-9_]*\z`)

// variable is the value of NAME or NAME:-default. As in a shell, the default also replaces an empty
// one.
func (e expander) variable(reference string) (value, rule string) {
	name, fallback, hasFallback := strings.Cut(reference, ":-")
	if !validVariable.MatchString(name) || strings.Contains(fallback, "${") {
		return "", variableRule
	}
	value, set := e.lookup(name)
	switch {
	case hasFallback && (!set || value == ""):
		return fallback, ""
	case !set:
		return "", "needs " + shownVariable(name)
	default:
		return value, ""
	}
}

// capitals is what a variable is usually called, and hardly a key or token.
var capitals = regexp.MustCompile(`\A[A-Z_][A-Z0-9_]{0,63}\z`)

// shownVariable tells of a variable that is not set. It may be a secret that somebody has put
// between "${" and "}".
func shownVariable(name string) string {
	if !capitals.MatchString(name) {
		return "a variable that is not set, whose name is not shown because it is not 1 to 64 capitals, digits or _"
	}
	return "the variable " + name + ", which is not set"
}
