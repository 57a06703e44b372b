package otpsim_test

import (
	"bytes"
	"crypto/rand"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// Acme is a whole simulator: the made-up vendor Acme sends codes of six digits that live a minute.
type Acme struct {
	*otpsim.Server

	Token  string // the same name as in the Config of the client
	quirks Quirks
}

// Quirks are the points that Acme's pages leave open.
type Quirks struct {
	Created bool // a success is a 201; otherwise a 200
}

// NewAcme starts a simulator. Close it when done.
func NewAcme(quirks Quirks) *Acme {
	s := &Acme{Token: rand.Text(), quirks: quirks}
	s.Server = otpsim.New(otpsim.Config{
		Operations: []otpsim.Operation{
			{Name: "send", Method: "POST", Path: "/codes", Recipient: recipient, Do: s.send},
			{Name: "verify", Method: "POST", Path: "/codes/{id}", Do: s.verify},
		},
		Authorize: func(r *http.Request) (status int) {
			if !otpsim.SameKey(r.Header.Get("Authorization"), "Bearer "+s.Token) {
				return http.StatusUnauthorized
			}
			return 0
		},
		Refuse: refuse,
	})
	s.Start()
	return s
}

func refuse(status int) otpsim.Answer {
	return otpsim.JSON(status, map[string]string{"error": http.StatusText(status)})
}

// recipient lets faults be for one number.
func recipient(_ *http.Request, body []byte) string {
	request, err := otpsim.ParseObject(body)
	if err != nil {
		return ""
	}
	return request.String("to")
}

func (s *Acme) send(_ *http.Request, body []byte) otpsim.Answer {
	request, err := otpsim.ParseObject(body)
	if err != nil || request.String("to") == "" {
		return refuse(http.StatusBadRequest)
	}
	now, code := s.Clock.Now(), otpsim.Digits(6)
	m := otpsim.Message{
		ID: otpsim.UUID(), To: request.String("to"), Channel: "sms", Text: code + " is your code", Code: code,
		SentAt: now, ExpiresAt: now.Add(time.Minute), MaxAttempts: 3,
	}
	s.Inbox.Deliver(m)
	return s.ok(map[string]string{"id": m.ID})
}

func (s *Acme) verify(r *http.Request, body []byte) otpsim.Answer {
	request, err := otpsim.ParseObject(body)
	if err != nil {
		return refuse(http.StatusBadRequest)
	}
	m, found := s.Inbox.Get(r.PathValue("id"))
	if !found || m.StateAt(s.Clock.Now()) != otpsim.Pending {
		return refuse(http.StatusNotFound)
	}
	right := request.String("code") == m.Code
	s.Inbox.Attempt(m.ID, right)
	if !right {
		return refuse(http.StatusUnprocessableEntity)
	}
	return s.ok(map[string]bool{"verified": true})
}

func (s *Acme) ok(body any) otpsim.Answer {
	if s.quirks.Created {
		return otpsim.JSON(http.StatusCreated, body)
	}
	return otpsim.JSON(http.StatusOK, body)
}

// A vendor of one's own: types and functions above are all of its simulator. A program in any
// language would do what this one does.
func Example() {
	srv := NewAcme(Quirks{})
	defer srv.Close()

	const phone = "+905321234567"
	status, answer := post(srv, "/codes", map[string]string{"to": phone})
	var sent struct{ ID string }
	if err := json.Unmarshal(answer, &sent); err != nil {
		fmt.Println(err)
	}
	code, _ := srv.Code(phone)
	fmt.Println(status, len(code), "digits")

	status, answer = post(srv, "/codes/"+sent.ID, map[string]string{"code": code})
	fmt.Println(status, string(answer))
	status, answer = post(srv, "/codes/"+sent.ID, map[string]string{"code": code})
	fmt.Println(status, string(answer))

	// The text goes out, and its answer is lost: a client must not send again.
	srv.Fail(otpsim.AfterAccepting(500).On("send").To(phone))
	status, answer = post(srv, "/codes", map[string]string{"to": phone})
	fmt.Println(status, string(answer), len(srv.Inbox.Of(phone)), "texts")

	// Output:
	// 200 6 digits
	// 200 {"verified":true}
	// 404 {"error":"Not Found"}
	// 500 {"error":"Internal Server Error"} 2 texts
}

// The client has to work whatever the vendor's pages leave open.
func ExampleEachQuirk() {
	for name, quirks := range otpsim.EachQuirk[Quirks]() {
		srv := NewAcme(quirks)
		status, _ := post(srv, "/codes", map[string]string{"to": "+905321234567"})
		fmt.Println(name, status)
		srv.Close()
	}
	// Output: Created 201
}

func post(srv *Acme, path string, body any) (status int, answer []byte) {
	data, err := json.Marshal(body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	req, err := http.NewRequest(http.MethodPost, srv.URL+path, bytes.NewReader(data))
	if err != nil {
		return 0, []byte(err.Error())
	}
	req.Header.Set("Authorization", "Bearer "+srv.Token)
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		return 0, []byte(err.Error())
	}
	defer resp.Body.Close()
	answer, err = io.ReadAll(resp.Body)
	if err != nil {
		return 0, []byte(err.Error())
	}
	return resp.StatusCode, answer
}
