package otpconfig

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

type secretFile struct {
	index int // of the field
	path  string
}

// readSecrets puts the contents of files in the place of the fields that name them: api_key for
// api_key_file.
func (r reader) readSecrets(path string, n *node, fields []field) []secretFile {
	var files []secretFile
	for _, f := range fields {
		named := n.member(f.fileField())
		if !f.secret || named == nil {
			continue
		}
		filePath := path + "." + f.fileField()
		if n.member(f.name) != nil {
			r.add(filePath, named.at, "must not be given together with "+f.name)
			continue
		}
		secret := &node{kind: broken, at: named.at}
		if content, ok := r.contents(filePath, named); ok {
			secret.kind, secret.isText, secret.literal = text, true, strings.TrimSpace(content)
			files = append(files, secretFile{f.index, r.absolute(named.literal)})
		}
		n.add(f.name, named.at, secret)
	}
	return files
}

func (r reader) contents(path string, named *node) (content string, ok bool) {
	switch {
	case named.kind == broken:
	case !named.isText || named.literal == "":
		r.add(path, named.at, "must be the path of a file")
	default:
		data, rule := readFile(r.absolute(named.literal), longestText, r.seen)
		if rule == "" {
			return string(data), true
		}
		r.add(path, named.at, rule)
	}
	return "", false
}

// absolute is a path that begins at the folder of the configuration, or at the working directory if
// it is in no file.
func (r reader) absolute(path string) string {
	if filepath.IsAbs(path) {
		return path
	}
	return absolute(filepath.Join(filepath.Dir(r.path), path))
}

// readFile returns what is in a file, of which seen gets a copy, or the rule that it breaks. The
// rule does not show the path: somebody may have written the secret where its file was asked for.
func readFile(path string, most int64, seen io.Writer) (data []byte, rule string) {
	info, err := os.Stat(path)
	switch {
	case err != nil:
		return nil, unreadable(err)
	case !info.Mode().IsRegular(): // a pipe could keep us for ever
		return nil, "must be a regular file"
	}
	file, err := os.Open(path) //nolint:gosec // the path is what the operator has written
	if err != nil {
		return nil, unreadable(err)
	}
	defer file.Close() //nolint:errcheck // it was only read
	data, err = io.ReadAll(io.TeeReader(io.LimitReader(file, most+1), seen))
	switch {
	case err != nil:
		return nil, unreadable(err)
	case int64(len(data)) > most:
		return nil, fmt.Sprintf("must not be larger than %d KiB", most>>10)
	default:
		return data, ""
	}
}

func unreadable(err error) string {
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "must be a file that exists"
	case errors.Is(err, fs.ErrPermission):
		return "must be a file that this program may read"
	default:
		return "must be a file that can be read"
	}
}
