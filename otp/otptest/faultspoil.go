package otptest

import (
	"bytes"
	"encoding/json"
	"regexp"
	"strings"
)

var (
	jsonName  = regexp.MustCompile(`"[^"]*":`)
	jsonValue = regexp.MustCompile(`:("[^"]*"|[0-9.]+|true|false)`)
)

// spoilt are bodies that have the members of a vendor's success in them and something that makes
// them none, by what it is. There are none where the success is not a JSON object.
func spoilt(success string) map[string]string {
	var compact bytes.Buffer
	if json.Compact(&compact, []byte(success)) != nil || compact.Bytes()[0] != '{' {
		return map[string]string{}
	}
	right := compact.String()[1 : compact.Len()-1]
	wrong := strings.NewReplacer(`:true`, `:false`, `:false`, `:true`, `:0`, `:10`, `:"`, `:"not `).Replace(right)
	capitals := func(s string) string { return jsonName.ReplaceAllStringFunc(s, strings.ToUpper) }
	const failed = `"the moon is in the way"`
	return map[string]string{
		"beside an error, text":   `{"error":` + failed + "," + right + "}",
		"beside an error, object": `{"error":{"message":` + failed + "}," + right + "}",
		"beside an error, list":   "{" + right + `,"errors":[{"message":` + failed + "}]}",
		"beside an error, map":    "{" + right + `,"errors":{"to":[` + failed + "]}}",
		"in capitals":             "{" + capitals(right) + "}",
		"twice, the first right":  "{" + right + "," + wrong + "}",
		"twice, the second right": "{" + wrong + "," + right + "}",
		"twice, once in capitals": "{" + right + "," + capitals(wrong) + "}",
		"of nulls":                "{" + jsonValue.ReplaceAllString(right, ":null") + "}",
	}
}
