package httpcall

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"net/http"
)

// maxBody bounds an answer, decompressed where the transport decompresses.
const maxBody = 1 << 20

var (
	errBodyTooLong = errors.New("the answer is longer than 1 MiB")
	errNotObject   = errors.New("not a JSON object")
	errTwice       = errors.New("a member of the JSON object occurs twice")
)

// readBody reads the body of a response to its end and closes it.
func (x *exchange) readBody(into *bytes.Buffer, resp *http.Response) error {
	if resp.Body == nil { // a foreign RoundTripper
		return nil
	}
	defer resp.Body.Close() //nolint:errcheck // what there was to read has been read
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil // the "body" is the connection itself, which no context ends
	}
	x.limited = io.LimitedReader{R: resp.Body, N: maxBody + 1}
	_, err := into.ReadFrom(&x.limited)
	if err == nil && into.Len() > maxBody {
		return errBodyTooLong
	}
	return err
}

// keptBuffer is the size up to which a buffer is kept for the next answer.
const keptBuffer = 64 << 10

func (c *Client) buffer() *bytes.Buffer {
	if b, ok := c.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return bytes.NewBuffer(make([]byte, 0, 1<<10))
}

// recycle wipes a buffer, which may hold a code, and keeps it.
func (c *Client) recycle(b *bytes.Buffer) {
	if b.Cap() > keptBuffer {
		return
	}
	clear(b.Bytes())
	b.Reset()
	c.buffers.Put(b)
}

// Object reads the body as exactly one JSON object, with the names of its members to the letter and none of them twice:
// what a success of a verification is decided on. Into a struct, encoding/json ignores case and lets the last of two win.
func (a Answer) Object() (map[string]json.RawMessage, error) { return Object(a.Body) }

// Object is [Answer.Object] for a part of an answer.
func Object(raw []byte) (map[string]json.RawMessage, error) {
	var members map[string]json.RawMessage
	switch err := json.Unmarshal(raw, &members); {
	case err != nil || members == nil:
		return nil, errNotObject
	case len(members) != countMembers(raw):
		return nil, errTwice
	default:
		return members, nil
	}
}

// String is a member of an object as a string; "" for what is none.
func String(raw json.RawMessage) string {
	if plain, ok := plainString(raw); ok {
		return plain
	}
	var s string
	_ = json.Unmarshal(raw, &s) // what is no string leaves it empty
	return s
}

// plainString reads what most strings are: printable ASCII without escapes.
func plainString(raw json.RawMessage) (string, bool) {
	if len(raw) < 2 || raw[0] != '"' || raw[len(raw)-1] != '"' {
		return "", false
	}
	inner := raw[1 : len(raw)-1]
	for _, c := range inner {
		if c < ' ' || c > '~' || c == '\\' || c == '"' {
			return "", false
		}
	}
	return string(inner), true
}

// countMembers counts the members of an object of valid JSON, by what separates them.
func countMembers(object []byte) int {
	n, depth := 0, 0
	empty, inString, escaped := true, false, false
	for _, c := range object {
		switch {
		case escaped:
			escaped = false
		case inString:
			inString, escaped = c != '"', c == '\\'
		case c == '"':
			inString, empty = true, false
		case c == '{' || c == '[':
			depth++
		case c == '}' || c == ']':
			depth--
		case c == ',' && depth == 1:
			n++
		}
	}
	if empty {
		return 0
	}
	return n + 1
}
