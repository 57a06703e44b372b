package repo

import (
	"bytes"
	"path"
	"regexp"
	"slices"
	"testing"

	"github.com/stretchr/testify/assert"
)

// A folder of one machine: a home, that of a checkout, or a job's.
var machine = regexp.MustCompile(`(^|[\s"'=(:` + "`" + `])(/(home|Users)/[a-z]\w*|/root|/work(space)?|[A-Z]:\\Users)(/|\\|$)`)

func TestNoFileNamesAPathOfSomebodysMachine(t *testing.T) {
	for _, file := range files(t, func(file string) bool { return !slices.Contains([]string{".sum", ".png"}, path.Ext(file)) }) {
		for number, line := range bytes.Split([]byte(read(t, file)), []byte("\n")) {
			assert.Empty(t, machine.FindString(string(line)), "%s:%d", file, number+1)
		}
	}
}
