package otphttp

import (
	"encoding/json"
	"errors"
	"mime"
	"net/http"
	"net/url"
	"strings"
	"time"
)

const (
	mostBody = 16 << 10
	bodyTime = 10 * time.Second
)

// read puts the fields of a form, or of a JSON object of strings, into r.PostForm.
func read(w http.ResponseWriter, r *http.Request) error {
	media, _, _ := mime.ParseMediaType(r.Header.Get("Content-Type")) // what is none is refused below
	r.Body = http.MaxBytesReader(w, r.Body, mostBody)
	deadline := http.NewResponseController(w)
	_ = deadline.SetReadDeadline(time.Now().Add(bodyTime)) // a recorder has none
	var err error
	switch {
	case r.ContentLength == 0 || media == "application/x-www-form-urlencoded":
		err = r.ParseForm()
	case media == "application/json":
		err = readJSON(r)
	default:
		return badInput(http.StatusUnsupportedMediaType, "wrong_content")
	}
	if err != nil && !errors.As(err, new(*http.MaxBytesError)) {
		return badInput(http.StatusBadRequest, "bad_request")
	}
	_ = deadline.SetReadDeadline(time.Time{})
	return err
}

func readJSON(r *http.Request) error {
	var fields map[string]string
	if err := json.NewDecoder(r.Body).Decode(&fields); err != nil {
		return err
	}
	r.PostForm = make(url.Values, len(fields))
	for name, value := range fields {
		r.PostForm.Set(name, value)
	}
	r.Form = r.PostForm
	return nil
}

// wantsJSON reports whether r is of a program, not of a page.
func wantsJSON(r *http.Request) bool {
	return strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") || strings.Contains(r.Header.Get("Accept"), "json")
}
