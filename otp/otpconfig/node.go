package otpconfig

import (
	"regexp"
	"strconv"

	"github.com/otp-sdk/otp-go/internal/naming"
)

// node is one value of a configuration, whether it was read from YAML, JSON or the environment.
type node struct {
	kind    kind
	at      position
	members []member // of a mapping, in the order of the file
	items   []*node  // of a list

	// literal is how a text, number or boolean stands in the file.
	literal string

	// isText: a text may be read from it. In YAML that is any scalar, whatever it looks like: +33 and 0123 stay what they
	// are. In JSON it is a string.
	isText bool

	// loose: it is text from the environment, from which numbers may be read.
	loose bool

	// prefix is what the names of a mapping's variables begin with, if it was read from the environment.
	prefix string
}

type member struct {
	name  string
	at    position
	value *node
}

type kind string

const (
	empty   kind = "nothing"
	text    kind = "text"
	number  kind = "a number"
	boolean kind = "true or false"
	list    kind = "a list"
	mapping kind = "a mapping"

	// broken is a value with a problem that is reported already.
	broken kind = "broken"
)

func (n *node) member(name string) *node {
	for _, m := range n.members {
		if m.name == name {
			return m.value
		}
	}
	return nil
}

// placeOf is where the field of a mapping stands, or should.
func (n *node) placeOf(field string) position {
	if m := n.member(field); m != nil {
		return m.at
	}
	if n.prefix != "" {
		return position{line: n.at.line, variable: n.prefix + upper(field)}
	}
	return n.at
}

// The bounds of a configuration. Anchors can make a short file long, and a deep one is no configuration.
const (
	mostBytes  = 1 << 20
	mostValues = 10_000
	deepest    = 24
)

// counter holds a configuration to these bounds while it is read.
type counter struct {
	*problems
	values  int
	tooMuch bool
}

// admits counts one more value. What is too much is reported once.
func (c *counter) admits(at position, depth int) bool {
	c.values++
	if !c.tooMuch && (depth > deepest || c.values > mostValues) {
		c.tooMuch = true
		c.addf("", at, "must not hold more than %d values, or more than %d inside of one another", mostValues, deepest)
	}
	return !c.tooMuch
}

// mayAdd reports whether the mapping n may have a member called name, and says so if not.
func (c *counter) mayAdd(n *node, path, name string, at position) bool {
	if n.member(name) == nil {
		return true
	}
	c.add(join(path, name), at, "must be given only once")
	return false
}

// join is the path of a member. A name that a person could have mistaken for a value is not shown. The name of a provider
// is, as it is everywhere else: it stands in stored verifications, metrics and logs.
func join(path, name string) string {
	switch {
	case isPrefixes(path) && validPrefix.MatchString(name):
		return path + "[" + shownPrefix(name) + "]"
	case path == "providers" && naming.IsValid(name), fieldName.MatchString(name):
	default:
		name = "?"
	}
	if path == "" {
		return name
	}
	return path + "." + name
}

func index(path string, i int) string { return path + "[" + strconv.Itoa(i) + "]" }

// fieldName is what a field could be called. No key or token is made of small letters alone.
var fieldName = regexp.MustCompile(`\A[a-z][a-z_]{0,31}\z`)
