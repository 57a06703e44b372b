package otphttp_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/guard"
	"github.com/otp-sdk/otp-go/otp/otphttp"
	"github.com/otp-sdk/otp-go/otp/otptest"
)

func ExampleNew() {
	phones := otptest.NewProvider() // a vendor's client, or a router of several
	guarded, err := guard.New(phones)
	if err != nil {
		fmt.Println(err)
		return
	}
	handler, err := otphttp.New(guarded, otphttp.Config{
		Keys: [][]byte{[]byte("32 bytes from a random source...")},
		OnVerified: func(w http.ResponseWriter, _ *http.Request, v otp.Verification) {
			_, _ = fmt.Fprintln(w, "welcome", otp.Mask(v.To))
		},
	})
	if err != nil {
		fmt.Println(err)
		return
	}
	mux := http.NewServeMux()
	mux.Handle("/signin/", handler)

	// a program of the person, which keeps its cookie
	cookie := ""
	post := func(step, body string) {
		r := httptest.NewRequest(http.MethodPost, "/signin/"+step, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		r.Header.Set("Cookie", cookie)
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		cookie, _, _ = strings.Cut(w.Header().Get("Set-Cookie"), ";")
		fmt.Print(w.Code, " ", w.Body)
	}
	post("send", `{"number": "+1 202 555 0123"}`)
	code, _ := phones.Code("+12025550123")
	post("verify", `{"code": "`+code+`"}`)
	// Output:
	// 200 {"step":"code","number":"+12025550123","note":"We have sent you a code.","can_type":true,"resend":"Send again","resend_in":30,"resend_wait":"Send again in {seconds} s","language":"en"}
	// 200 welcome +120*****23
}

func ExampleWriteProblem() {
	w := httptest.NewRecorder()
	err := &otp.Error{Op: "send", Kind: otp.ErrRateLimited, Outcome: otp.OutcomeNotSent, RetryAfter: 30 * time.Second}
	otphttp.WriteProblem(w, httptest.NewRequest(http.MethodPost, "/", nil), err)
	fmt.Println(w.Code, w.Header().Get("Retry-After"))
	// Output: 429 30
}
