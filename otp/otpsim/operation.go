package otpsim

import (
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
)

// Operation is one call of a vendor's API.
type Operation struct {
	Name   string // short and the same on every path of the operation: "generate"
	Method string // "POST"
	Path   string // "/v1/{sid}/verify"; a {name} is one segment, which Do finds with r.PathValue("name")

	// Recipient is the number of a request, for [Fault.To]; "" = it does not say. Nil = none says.
	Recipient func(r *http.Request, body []byte) string

	// Do does the vendor's work. r.Body is empty. Operations of a Server run one at a time.
	Do func(r *http.Request, body []byte) Answer

	refusal Answer // instead of Do, for a request that belongs to no operation
	refused bool
}

func check(operations []Operation) error {
	if len(operations) == 0 {
		return errors.New("otpsim: New: Operations: there is none")
	}
	taken := make(map[string]bool)
	for i, op := range operations {
		call := op.Method + " " + shape(op.Path)
		switch {
		case op.Name == "" || op.Do == nil || op.Method != strings.ToUpper(op.Method) || op.Method == "":
			return fmt.Errorf("otpsim: New: Operations[%d]: Name, Do and Method (in capitals) are required", i)
		case !validPath(op.Path):
			return fmt.Errorf("otpsim: New: Operations[%d]: Path: must begin with / and have each {name} as a whole segment", i)
		case taken[call]:
			return fmt.Errorf("otpsim: New: Operations[%d]: another operation has the same method and path", i)
		}
		taken[call] = true
	}
	return nil
}

// shape is a pattern without the names in it: two of the same shape match the same paths.
func shape(pattern string) string {
	segments := strings.Split(pattern, "/")
	for i, segment := range segments {
		if _, isName := nameOf(segment); isName {
			segments[i] = "{}"
		}
	}
	return strings.Join(segments, "/")
}

func validPath(pattern string) bool {
	if !strings.HasPrefix(pattern, "/") || strings.ContainsAny(pattern, "?#") {
		return false
	}
	return !slices.ContainsFunc(strings.Split(pattern, "/"), func(segment string) bool {
		name, isName := nameOf(segment)
		return strings.ContainsAny(name, "{}") || isName && name == ""
	})
}

// nameOf reads a segment of a pattern: the name in "{name}", or the segment itself.
func nameOf(segment string) (text string, isName bool) {
	if strings.HasPrefix(segment, "{") && strings.HasSuffix(segment, "}") {
		return segment[1 : len(segment)-1], true
	}
	return segment, false
}

// route finds the operation for a request, or the refusal: 404, or 405 for another method.
func (s *Server) route(r *http.Request) Operation {
	var methods []string
	for _, op := range s.config.Operations {
		if !match(op.Path, r) {
			continue
		}
		if op.Method == r.Method {
			return op
		}
		methods = append(methods, op.Method)
	}
	if methods == nil {
		return Operation{refusal: s.config.Refuse(http.StatusNotFound), refused: true}
	}
	slices.Sort(methods)
	allow := strings.Join(slices.Compact(methods), ", ")
	return Operation{refusal: s.config.Refuse(http.StatusMethodNotAllowed).with("Allow", allow), refused: true}
}

// match compares a path to a pattern, exactly, and notes the values of its {names}.
func match(pattern string, r *http.Request) bool {
	want, got := strings.Split(pattern, "/"), strings.Split(r.URL.Path, "/")
	if len(want) != len(got) {
		return false
	}
	for i := range want {
		name, isName := nameOf(want[i])
		switch {
		case isName && got[i] != "":
			r.SetPathValue(name, got[i])
		case want[i] != got[i]:
			return false
		}
	}
	return true
}
