package otptest

import (
	"encoding/json"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// spoilt are bodies that have the members of a vendor's success in them and something that makes them none, by what it
// is. There are none where the success is not a JSON object.
func spoilt(success string) map[string]string {
	var members map[string]any
	if json.Unmarshal([]byte(success), &members) != nil || len(members) == 0 {
		return map[string]string{}
	}
	same := func(v any) any { return v }
	right := inside(members, strings.Clone, same)
	wrong := inside(members, strings.Clone, opposite)
	const failed = `"the moon is in the way"`
	return map[string]string{
		"beside an error: text":   `{"error":` + failed + `,` + right + "}",
		"beside an error: object": `{"error":{"message":` + failed + `},` + right + "}",
		"beside an error: list":   "{" + right + `,"errors":[{"message":` + failed + `}]}`,
		"beside an error: map":    "{" + right + `,"errors":{"to":[` + failed + `]}}`,
		"in capitals":             "{" + inside(members, strings.ToUpper, same) + "}",
		"twice, the first right":  "{" + right + "," + wrong + "}",
		"twice, the second right": "{" + wrong + "," + right + "}",
		"twice, once in capitals": "{" + right + "," + inside(members, strings.ToUpper, opposite) + "}",
		"of nulls":                "{" + inside(members, strings.Clone, func(any) any { return nil }) + "}",
	}
}

// opposite is a value of the same type that says something else.
func opposite(v any) any {
	switch v := v.(type) {
	case bool:
		return !v
	case float64:
		return v + 1
	case string:
		return "not " + v
	default:
		return v
	}
}

// inside is what stands in a JSON object, with every name and every value of it changed, down to the last.
func inside(members map[string]any, name func(string) string, value func(any) any) string {
	var texts []string
	for _, k := range slices.Sorted(maps.Keys(members)) {
		text, _ := json.Marshal(value(members[k])) // it was read from JSON
		if inner, ok := members[k].(map[string]any); ok {
			text = []byte("{" + inside(inner, name, value) + "}")
		}
		texts = append(texts, strconv.Quote(name(k))+":"+string(text))
	}
	return strings.Join(texts, ",")
}
