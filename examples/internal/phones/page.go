package phones

import (
	"embed"
	"io/fs"
	"net/http"
)

//go:embed page
var files embed.FS

// pages serves the web page. It has no folder to list and no file beside these three.
func pages() http.Handler {
	folder, err := fs.Sub(files, "page")
	if err != nil { // "page" is a valid path
		return http.NotFoundHandler()
	}
	mux := http.NewServeMux()
	for path, name := range map[string]string{"/{$}": "index.html", "/app.js": "app.js", "/style.css": "style.css"} {
		mux.HandleFunc("GET "+path, func(w http.ResponseWriter, r *http.Request) { http.ServeFileFS(w, r, folder, name) })
	}
	return jsonErrors(mux)
}
