// Signin is a sign-in by phone to copy: this file, the page, and the vendors in otp.yaml.
//
//	go run ./examples/simulator
//	go run ./examples/signin
//
// The first plays the vendors and shows the phones: nothing is sent. For real vendors name another
// file than otp.yaml.
package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"embed"
	"flag"
	"html/template"
	"log"
	"log/slog"
	"net"
	"net/http"
	"os/signal"
	"sync"
	"syscall"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otpconfig"
	"github.com/otp-sdk/otp-go/otp/otphttp"
)

//go:embed page.html static
var files embed.FS

func main() {
	addr, cooldown := flag.String("addr", "127.0.0.1:8080", "where to listen"), flag.Duration("cooldown", 30*time.Second, "how long to wait for another code")
	flag.Parse()
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM)
	defer stop()
	page, sessions := template.Must(template.ParseFS(files, "page.html")), new(sync.Map) // a real program has a table
	vendors := must(must(otpconfig.Load(cmp.Or(flag.Arg(0), "examples/signin/otp.yaml"))).Provider())
	signIn := must(otphttp.New(must(guard.New(vendors, guard.WithCooldown(*cooldown))), otphttp.Config{
		Keys: [][]byte{[]byte(rand.Text() + rand.Text())}, Page: page.Execute, // several machines need the same key
		Hosts: []string{"127.0.0.1", "localhost"}, PlainHTTP: true, ResendAfter: *cooldown, Logger: slog.Default(),
		OnVerified: func(w http.ResponseWriter, r *http.Request, v otp.Verification) {
			id := rand.Text() // a new one, so that nobody can have put it into the person's browser before
			sessions.Store(id, v.To)
			http.SetCookie(w, &http.Cookie{Name: "session", Value: id, Path: "/", HttpOnly: true, SameSite: http.SameSiteLaxMode}) //nolint:gosec // Secure: true behind TLS
			http.Redirect(w, r, "/", http.StatusSeeOther)
		},
	}))
	mux := http.NewServeMux()
	mux.Handle("/signin/", signIn)
	mux.Handle("GET /static/", http.FileServerFS(files))
	mux.HandleFunc("GET /health", func(http.ResponseWriter, *http.Request) {})
	mux.HandleFunc("GET /{$}", func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Cache-Control", "no-store") // the number is nobody else's, on a shared computer as well
		cookie, _ := r.Cookie("session")            // nil = there is none
		if number, ok := sessions.Load(cmp.Or(cookie, new(http.Cookie)).Value); ok {
			_ = page.Execute(w, map[string]any{"Step": "home", "Number": number, "Language": "en"})
		} else {
			http.Redirect(w, r, "/signin/", http.StatusSeeOther)
		}
	})
	log.Printf("sign in at http://%s/", *addr)
	must(0, otphttp.Serve(ctx, must(new(net.ListenConfig).Listen(ctx, "tcp", *addr)), mux))
}

func must[T any](value T, err error) T {
	if err != nil {
		log.Fatalln("signin:", err)
	}
	return value
}
