package phones

import (
	"embed"
	"net/http"
)

//go:embed page
var files embed.FS

// page serves one file of the web page.
func page(name string) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, files, "page/"+name) }
}
