package phones_test

import (
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/examples/internal/phones"
	"github.com/otp-sdk/otp-go/internal/simtest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

const (
	number = "+12025550123"
	local  = "127.0.0.1:8025"
)

// desk is the phones with a way to talk to them without a network.
type desk struct {
	*phones.Phones
	t *testing.T
}

func start(t *testing.T, opts phones.Options) desk {
	t.Helper()
	p, err := phones.New(opts)
	require.NoError(t, err)
	t.Cleanup(p.Close)
	return desk{p, t}
}

// do sends a request, with headers as "Name: value".
func (d desk) do(method, target, body string, headers ...string) *httptest.ResponseRecorder {
	d.t.Helper()
	r := httptest.NewRequestWithContext(d.t.Context(), method, target, strings.NewReader(body))
	r.Host = local
	for _, h := range headers {
		name, value, _ := strings.Cut(h, ": ")
		if name == "Host" {
			r.Host = value
		}
		r.Header.Set(name, value)
	}
	w := httptest.NewRecorder()
	d.ServeHTTP(w, r)
	return w
}

// get reads a call of the API into value, which may be nil.
func (d desk) get(target string, value any) {
	d.t.Helper()
	d.decode(d.do("GET", target, ""), value)
}

// post makes a call of the API that has to succeed.
func (d desk) post(target, body string, value any) {
	d.t.Helper()
	d.decode(d.do("POST", target, body, "Content-Type: application/json"), value)
}

func (d desk) decode(w *httptest.ResponseRecorder, value any) {
	d.t.Helper()
	require.Equal(d.t, http.StatusOK, w.Code, w.Body.String())
	if value != nil {
		require.NoError(d.t, json.Unmarshal(w.Body.Bytes(), value))
	}
}

type inbox struct {
	Messages  []phones.Message `json:"messages"`
	Kept      int              `json:"kept"`
	Dropped   int              `json:"dropped"`
	Limit     int              `json:"limit"`
	LastEvent string           `json:"last_event"`
}

func (d desk) messages(query string) inbox {
	d.t.Helper()
	var list inbox
	d.get("/api/messages"+query, &list)
	return list
}

type traffic struct {
	Exchanges []phones.Exchange `json:"exchanges"`
}

func (d desk) traffic() []phones.Exchange {
	d.t.Helper()
	var list traffic
	d.get("/api/traffic", &list)
	return list.Exchanges
}

// shop is a program that uses one vendor, written from the commands that the page prints.
type shop struct {
	desk
	name         string
	send, verify command
}

func (d desk) shops() []shop {
	d.t.Helper()
	var list []shop
	for _, config := range d.configs() {
		commands := commandsIn(d.t, config.Curl)
		require.Len(d.t, commands, 2, config.Curl)
		list = append(list, shop{d, config.Name, commands[0], commands[1]})
	}
	return list
}

func (d desk) shop(name string) shop {
	d.t.Helper()
	for _, s := range d.shops() {
		if s.name == name {
			return s
		}
	}
	d.t.Fatalf("no vendor %s", name)
	return shop{}
}

func (d desk) run(c command) *httptest.ResponseRecorder {
	d.t.Helper()
	return d.do(c.method, c.path, c.body, c.headers...)
}

// sends sends a code to the number and returns its message.
func (s shop) sends(to string) phones.Message {
	s.t.Helper()
	w := s.run(s.sendTo(to))
	require.Equal(s.t, 2, w.Code/100, "%s: %s", s.name, w.Body)
	list := s.messages("?to=" + to)
	require.NotEmpty(s.t, list.Messages)
	return list.Messages[0]
}

func (s shop) sendTo(to string) command {
	c := s.send
	c.body = strings.ReplaceAll(c.body, number[1:], strings.TrimPrefix(to, "+"))
	return c
}

// types types a code for a message.
func (s shop) types(m phones.Message, code string) *httptest.ResponseRecorder {
	s.t.Helper()
	c := s.verify
	c.body = strings.NewReplacer(number[1:], m.To[1:], "CODE", code, "REFERENCE", m.Reference).Replace(c.body)
	return s.run(c)
}

// wrong is a code of the same length that differs in its last digit.
func wrong(code string) string {
	last := code[len(code)-1]
	return code[:len(code)-1] + string('0'+(last-'0'+1)%10)
}

// serve starts a real server, for what needs one.
func (d desk) serve() (url string, client *http.Client) {
	d.t.Helper()
	server := httptest.NewServer(d)
	client = &http.Client{Transport: new(http.Transport)}
	d.t.Cleanup(func() {
		d.Close() // streams first
		server.Close()
		client.CloseIdleConnections()
	})
	return server.URL, client
}

func read(t *testing.T, resp *http.Response) string {
	t.Helper()
	defer func() { _ = resp.Body.Close() }()
	body, err := io.ReadAll(resp.Body)
	require.NoError(t, err)
	return string(body)
}
