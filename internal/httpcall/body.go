package httpcall

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
)

// maxBody bounds an answer, decompressed where the transport decompresses.
const maxBody = 1 << 20

var (
	errBodyTooLong = errors.New("the answer is longer than 1 MiB")
	errNotObject   = errors.New("not a JSON object")
	errTwice       = errors.New("a member of the JSON object occurs twice")
)

// readBody reads a body to its end and closes it. What could not be read whole is not returned at all.
func readBody(body io.ReadCloser) ([]byte, error) {
	if body == nil { // a foreign RoundTripper
		return nil, nil
	}
	defer body.Close() //nolint:errcheck // what there was to read has been read
	read, err := io.ReadAll(io.LimitReader(body, maxBody+1))
	switch {
	case err != nil:
		return nil, err
	case len(read) > maxBody:
		return nil, errBodyTooLong
	default:
		return read, nil
	}
}

// Object reads the body as exactly one JSON object, with the names of its members to the letter and none of them twice:
// what a success of a verification is decided on. encoding/json alone ignores case and lets the last of two win.
func (a Answer) Object() (map[string]json.RawMessage, error) {
	if !json.Valid(a.Body) {
		return nil, errNotObject
	}
	decoder := json.NewDecoder(bytes.NewReader(a.Body))
	if open, err := decoder.Token(); err != nil || open != json.Delim('{') {
		return nil, errNotObject
	}
	members := make(map[string]json.RawMessage)
	for decoder.More() {
		name, err := decoder.Token()
		if err != nil {
			return nil, errNotObject
		}
		var value json.RawMessage
		if err := decoder.Decode(&value); err != nil {
			return nil, errNotObject
		}
		if _, twice := members[name.(string)]; twice {
			return nil, errTwice
		}
		members[name.(string)] = value
	}
	return members, nil
}
