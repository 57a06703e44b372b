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
	members []member       // of a mapping, in the order of the file; see add
	places  map[string]int // of the members, by name
	items   []*node        // of a list
	literal string         // how a text, number or boolean stands in the file

	isText    bool              // a text may be read from it: from any scalar of YAML (+33 and 0123), and strings of JSON
	loose     bool              // it is text from the environment, from which numbers may be read
	variables map[string]string // those of a mapping's fields, if it was read from the environment
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
	broken  kind = "broken" // a value with a problem that is reported already
)

// add adds a member to a mapping, unless it has one of that name.
func (n *node) add(name string, at position, value *node) (added bool) {
	if _, taken := n.places[name]; taken {
		return false
	}
	if n.places == nil {
		n.places = make(map[string]int)
	}
	n.places[name] = len(n.members)
	n.members = append(n.members, member{name, at, value})
	return true
}

func (n *node) member(name string) *node {
	if i, found := n.places[name]; found {
		return n.members[i].value
	}
	return nil
}

// placeOf is where the field of a mapping stands, or should.
func (n *node) placeOf(field string) position {
	if i, found := n.places[field]; found {
		return n.members[i].at
	}
	if variable := n.variables[field]; variable != "" {
		return position{line: n.at.line, variable: variable}
	}
	return n.at
}

// The bounds of a configuration. Anchors can make a short file long, and a deep one is no
// configuration.
const (
	mostBytes  = 256 << 10
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

// member adds a member to the mapping n, and reports one that is there already.
func (c *counter) member(n *node, path, name string, at position, value *node) {
	if !n.add(name, at, value) {
		c.add(join(path, name), at, "must be given only once")
	}
}

// join is the path of a member. A name that may be a value in the wrong place is not shown. That of
// a provider is, as everywhere else.
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
