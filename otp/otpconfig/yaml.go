package otpconfig

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/otp-sdk/otp-go/internal/safely"
)

// parseYAML reads the one document in data. The library only makes the tree: what a value is read
// as is decided here, by the field that it is for, and the library's own errors are not passed on,
// because they may quote the file.
func parseYAML(data []byte, p *problems) *node {
	data = version.ReplaceAll(data, []byte("# YAML"))
	document := oneDocument(yaml.NewDecoder(bytes.NewReader(data)), p)
	if document == nil {
		return nil
	}
	reader := yamlReader{&counter{problems: p}}
	root := reader.read("", document, 0)
	if reader.tooMuch {
		return nil
	}
	return root
}

// version is a directive that the library knows of 1.1 alone.
var version = regexp.MustCompile(`\A%YAML\b`)

// oneDocument is the only document that is not empty.
func oneDocument(decoder *yaml.Decoder, p *problems) *yaml.Node {
	var found *yaml.Node
	for {
		var next yaml.Node
		switch err := safely.Err(func() error { return decoder.Decode(&next) }); {
		case errors.Is(err, io.EOF) && found == nil:
			p.add("", position{}, "must not be empty")
			return nil
		case errors.Is(err, io.EOF):
			return found
		case err != nil:
			line := 0 // where the error names none
			_, _ = fmt.Sscanf(err.Error(), "yaml: line %d", &line)
			p.add("", position{line: line}, notYAML(err))
			return nil
		case next.Content[0].ShortTag() == "!!null":
		case found != nil:
			p.add("", position{line: next.Line}, "must be one YAML document, without a second one after ---")
			return nil
		default:
			found = next.Content[0]
		}
	}
}

// notYAML is the rule that is broken, with the library's reason where that is one of those that
// quote nothing.
func notYAML(err error) string {
	for _, reason := range []string{
		"mapping values are not allowed in this context",
		"could not find expected ':'",
		"did not find expected key",
		"did not find expected '-' indicator",
		"did not find expected ',' or ']'",
		"did not find expected ',' or '}'",
		"found character that cannot start any token",
		"found unexpected end of stream",
		"unknown anchor",
	} {
		if strings.Contains(err.Error(), reason) {
			return "must be YAML: " + reason
		}
	}
	return "must be YAML"
}

type yamlReader struct{ *counter }

func (r yamlReader) read(path string, y *yaml.Node, depth int) *node {
	n := &node{kind: broken, at: position{line: y.Line}}
	if !r.admits(n.at, depth) {
		return n
	}
	if y.Style&yaml.TaggedStyle != 0 {
		r.add(path, n.at, "must not have a YAML tag")
		return n
	}
	switch y.Kind {
	case yaml.AliasNode:
		return r.read(path, y.Alias, depth+1)
	case yaml.MappingNode:
		return r.mapping(path, y, depth)
	case yaml.SequenceNode:
		return r.list(path, y, depth)
	default:
		return yamlScalar(y)
	}
}

func yamlScalar(y *yaml.Node) *node {
	n := &node{kind: text, at: position{line: y.Line}, literal: y.Value, isText: true}
	switch y.ShortTag() {
	case "!!null":
		n.kind, n.isText = empty, false
	case "!!int", "!!float":
		n.kind = number
	case "!!bool":
		n.kind = boolean
	}
	return n
}

func (r yamlReader) list(path string, y *yaml.Node, depth int) *node {
	n := &node{kind: list, at: position{line: y.Line}}
	for i, item := range y.Content {
		n.items = append(n.items, r.read(index(path, i), item, depth+1))
	}
	return n
}

func (r yamlReader) mapping(path string, y *yaml.Node, depth int) *node {
	n := &node{kind: mapping, at: position{line: y.Line}}
	var merged []*node
	for i := 0; i+1 < len(y.Content); i += 2 {
		key, value := y.Content[i], y.Content[i+1]
		at := position{line: key.Line}
		switch {
		case key.ShortTag() == "!!merge":
			merged = append(merged, r.read(path, value, depth+1))
		case key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null" || key.Style&yaml.TaggedStyle != 0:
			r.add(path, at, "must have text as its keys")
			n.kind = broken
		default:
			r.member(n, path, key.Value, at, r.read(join(path, key.Value), value, depth+1))
		}
	}
	for _, from := range merged {
		r.merge(path, n, from)
	}
	return n
}

// merge adds what "<<: *anchor" brings. What the mapping says itself goes before, and so does an
// earlier merge.
func (r yamlReader) merge(path string, n, from *node) {
	switch {
	case from.kind == list:
		for _, item := range from.items {
			r.merge(path, n, item)
		}
	case from.kind != mapping:
		r.add(path, from.at, "must merge a mapping")
		n.kind = broken
	default:
		for _, m := range from.members {
			n.add(m.name, m.at, m.value)
		}
	}
}
