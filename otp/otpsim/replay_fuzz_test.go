package otpsim

import "testing"

// Whatever is read as a recording can be served: New panics on operations that cannot.
func FuzzReadEntries(f *testing.F) {
	f.Add(`{"log":{"entries":[{"_template":"/{a}/{b}","request":{"method":"A","url":"/x"},"response":{"status":200}}]}}`)
	f.Add(`{"log":{"entries":[{"request":{"method":"GET","url":"https://h.example/x"},"response":{"status":200,"content":{"text":"no"}}}]}}`)
	f.Fuzz(func(t *testing.T, text string) {
		entries, err := readEntries([]byte(text))
		if err != nil {
			return
		}
		r := &Recording{entries: entries}
		New(Config{Operations: r.operations()})
		if r.Err() == nil {
			t.Error("nobody has asked for anything")
		}
	})
}
