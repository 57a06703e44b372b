package otpsim_test

import (
	"net/http"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func operation(name, method, path string) otpsim.Operation {
	return otpsim.Operation{Name: name, Method: method, Path: path, Do: func(*http.Request, []byte) otpsim.Answer {
		return otpsim.JSON(200, name)
	}}
}

func TestNewRefusesMistakes(t *testing.T) {
	const incomplete = "Operations[0]: Name, Do and Method (in capitals) are required"
	const path = "Operations[0]: Path: must begin with / and have each {name} as a whole segment"
	const twice = "Operations[1]: another operation has the same method and path"
	send := operation("send", "POST", "/{sid}/send")
	for _, tt := range []struct {
		want       string
		operations []otpsim.Operation
	}{
		{"Operations: there is none", nil},
		{incomplete, []otpsim.Operation{{Name: "send", Method: "POST", Path: "/send"}}},
		{incomplete, []otpsim.Operation{operation("", "POST", "/send")}},
		{incomplete, []otpsim.Operation{operation("send", "", "/send")}},
		{incomplete, []otpsim.Operation{operation("send", "post", "/send")}},
		{path, []otpsim.Operation{operation("send", "POST", "")}},
		{path, []otpsim.Operation{operation("send", "POST", "send")}},
		{path, []otpsim.Operation{operation("send", "POST", "/send?x=1")}},
		{path, []otpsim.Operation{operation("send", "POST", "/{sid")}},
		{path, []otpsim.Operation{operation("send", "POST", "/x{sid}")}},
		{path, []otpsim.Operation{operation("send", "POST", "/{}")}},
		{twice, []otpsim.Operation{send, send}},
		{twice, []otpsim.Operation{send, operation("other", "POST", "/{account}/send")}},
	} {
		assert.PanicsWithValue(t, "otpsim: New: "+tt.want, func() { otpsim.New(otpsim.Config{Operations: tt.operations}) })
	}
	for _, other := range []otpsim.Operation{
		operation("send", "PUT", "/{sid}/send"), operation("send", "POST", "/{sid}/send/"), operation("other", "POST", "/v1/send"),
	} {
		otpsim.New(otpsim.Config{Operations: []otpsim.Operation{send, other}}).Close()
	}
}

func TestStartTwicePanics(t *testing.T) {
	v := newVendor(t)
	assert.PanicsWithValue(t, "otpsim: Start was called before", v.Start)
}

func TestRefusalsWithoutRefuse(t *testing.T) {
	s := otpsim.New(otpsim.Config{Operations: []otpsim.Operation{operation("send", "POST", "/send")}})
	s.Start()
	defer s.Close()
	got := do(t, &http.Client{Transport: new(http.Transport)}, "POST", s.URL+"/nowhere", "")
	assert.Equal(t, 404, got.status)
	assert.Equal(t, `{"message":"Not Found"}`, got.body)
}

func TestRequireJSON(t *testing.T) {
	s := otpsim.New(otpsim.Config{
		Operations:  []otpsim.Operation{operation("send", "POST", "/send"), operation("list", "GET", "/list")},
		RequireJSON: true,
	})
	s.Start()
	defer s.Close()
	for contentType, status := range map[string]int{
		"": 415, "text/plain": 415, "application/x-www-form-urlencoded": 415, ";": 415,
		"application/json": 200, "application/json; charset=utf-8": 200,
	} {
		got := do(t, &http.Client{Transport: new(http.Transport)}, "POST", s.URL+"/send", "{}", "Content-Type", contentType)
		assert.Equal(t, status, got.status, "%q", contentType)
	}
	got := do(t, &http.Client{Transport: new(http.Transport)}, "GET", s.URL+"/list", "")
	assert.Equal(t, 200, got.status, "a request without a body has no type")
}

func TestOperationsRunOneAtATime(t *testing.T) {
	sum := 0 // without a lock: the race detector looks at it
	s := otpsim.New(otpsim.Config{Operations: []otpsim.Operation{{
		Name: "add", Method: "POST", Path: "/add", Do: func(*http.Request, []byte) otpsim.Answer {
			sum++
			return otpsim.JSON(200, sum)
		},
	}}})
	s.Start()
	defer s.Close()
	sendMany(t, s.URL+"/add", 50)
	assert.Equal(t, 50, sum)
}
