package phones_test

import (
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
)

func bench(b *testing.B, method, target, body string, headers map[string]string) {
	b.Helper()
	p, err := phones.New(phones.Options{})
	if err != nil {
		b.Fatal(err)
	}
	defer p.Close()
	b.ReportAllocs()
	for b.Loop() {
		r := httptest.NewRequest(method, target, strings.NewReader(body))
		r.Host = local
		for name, value := range headers {
			r.Header.Set(name, value)
		}
		w := httptest.NewRecorder()
		p.ServeHTTP(w, r)
		if w.Code/100 != 2 {
			b.Fatal(w.Code, w.Body)
		}
	}
}

func BenchmarkSend(b *testing.B) {
	bench(b, "POST", "/insider/v1/generate", `{"channel":"sms","to":"+12025550123"}`, map[string]string{"X-INS-AUTH-KEY": "insider-simulator-key"})
}

func BenchmarkConfig(b *testing.B) { bench(b, "GET", "/api/config", "", nil) }
