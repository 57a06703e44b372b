package otpconfig

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"sort"
	"strconv"
	"unicode/utf8"
)

// parseJSON reads the one value in data, by tokens: errors need positions and repeated names.
func parseJSON(data []byte, p *problems) *node {
	data = bytes.TrimPrefix(data, []byte(byteOrderMark))
	if len(bytes.TrimSpace(data)) == 0 {
		p.add("", position{}, "must not be empty")
		return nil
	}
	if !utf8.Valid(data) {
		p.add("", position{}, "must be UTF-8")
		return nil
	}
	r := jsonReader{counter: &counter{problems: p}, decoder: json.NewDecoder(bytes.NewReader(data))}
	r.decoder.UseNumber()
	for i, b := range data {
		if b == '\n' {
			r.lines = append(r.lines, int64(i))
		}
	}
	n, err := r.read("", 0)
	if err == nil {
		if _, err = r.decoder.Token(); errors.Is(err, io.EOF) {
			return n
		}
	}
	if !r.tooMuch {
		p.add("", r.here(), "must be one JSON value, without comments or trailing commas")
	}
	return nil
}

const byteOrderMark = "\ufeff"

type jsonReader struct {
	*counter
	decoder *json.Decoder
	lines   []int64 // where each line ends
}

func (r jsonReader) here() position {
	offset := r.decoder.InputOffset()
	return position{line: 1 + sort.Search(len(r.lines), func(i int) bool { return r.lines[i] >= offset })}
}

var errTooMuch = errors.New("too much")

func (r jsonReader) read(path string, depth int) (*node, error) {
	token, err := r.decoder.Token()
	if err != nil {
		return nil, err
	}
	n := &node{at: r.here()}
	if !r.admits(n.at, depth) {
		return nil, errTooMuch
	}
	switch token := token.(type) {
	case json.Delim:
		if token == '[' {
			return n, r.list(path, n, depth)
		}
		return n, r.mapping(path, n, depth)
	case string:
		n.kind, n.literal, n.isText = text, token, true
	case json.Number:
		n.kind, n.literal = number, token.String()
	case bool:
		n.kind, n.literal = boolean, strconv.FormatBool(token)
	default:
		n.kind = empty
	}
	return n, nil
}

func (r jsonReader) list(path string, n *node, depth int) error {
	n.kind = list
	for i := 0; r.decoder.More(); i++ {
		item, err := r.read(index(path, i), depth+1)
		if err != nil {
			return err
		}
		n.items = append(n.items, item)
	}
	_, err := r.decoder.Token()
	return err
}

func (r jsonReader) mapping(path string, n *node, depth int) error {
	n.kind = mapping
	for r.decoder.More() {
		token, err := r.decoder.Token()
		if err != nil {
			return err
		}
		name, at := token.(string), r.here() // the decoder takes nothing else for a key
		value, err := r.read(join(path, name), depth+1)
		if err != nil {
			return err
		}
		r.member(n, path, name, at, value)
	}
	_, err := r.decoder.Token()
	return err
}
