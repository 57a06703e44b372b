package hypersendertest_test

import (
	"fmt"
	"io"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
	"github.com/otp-sdk/otp-go/otp/otpsim"
)

var operations = []string{"request-code", "validate-code", "generate-link"}

func TestUnauthorized(t *testing.T) {
	a := start(t)
	for _, header := range []string{
		"", a.Token, "Bearer", "Bearer ", "Bearer wrong", "Bearer " + a.Token + "x", "Bearer  " + a.Token,
		"Basic " + a.Token, "Bearer " + strings.ToLower(a.Token), "Bearer " + strings.TrimPrefix(a.Token, "1|"),
	} {
		for _, operation := range operations {
			for _, path := range []string{a.path(operation), "/another/" + operation} {
				resp, got := a.send("POST", path, "not even JSON", "Authorization: "+header)
				assert.Equal(t, 401, resp.StatusCode, "%s %q", path, header)
				assert.Equal(t, `{"message":"Unauthenticated."}`, got)
			}
		}
	}
	assert.Empty(t, a.Inbox.All())
}

func TestWrongInstance(t *testing.T) {
	a := start(t)
	for _, operation := range operations {
		for _, instance := range []string{"a0b5df6a-b491-4190-80a5-38d85a2a4836", strings.ToUpper(a.Instance), a.Instance + "x", ".."} {
			resp, got := a.send("POST", "/"+instance+"/"+operation, codeBody)
			assert.Equal(t, 404, resp.StatusCode, instance)
			assert.Equal(t, message("Not Found"), got, instance)
		}
	}
	assert.Empty(t, a.Inbox.All())
}

func TestOptionsForTheAccount(t *testing.T) {
	a := start(t, hypersendertest.WithInstance("instance_1"), hypersendertest.WithToken("123|xxxxxxxx"))
	assert.Equal(t, "instance_1", a.Instance)
	assert.Equal(t, "123|xxxxxxxx", a.Token)
	resp, _ := a.send("POST", "/instance_1/request-code", codeBody, "Authorization: Bearer 123|xxxxxxxx")
	assert.Equal(t, 200, resp.StatusCode)
}

func TestAccountsAreRandom(t *testing.T) {
	a := start(t)
	b := start(t, hypersendertest.WithInstance(""), hypersendertest.WithToken(""))
	assert.Regexp(t, uuidPattern, b.Instance)
	assert.Regexp(t, `^[0-9]+\|[0-9A-Za-z]{20,}$`, b.Token)
	assert.NotEqual(t, a.Instance, b.Instance)
	assert.NotEqual(t, a.Token, b.Token)
}

func TestUnknownPathsAndMethods(t *testing.T) {
	a := start(t)
	for _, path := range []string{
		"/", "/request-code", "//request-code", "/" + a.Instance, a.path(""), a.path("request-code/"), a.path("request_code"),
		a.path("Request-Code"), "/api/otp/v2" + a.path("request-code"), a.path("otp/request-code"), a.path("status"),
	} {
		resp, got := a.send("POST", path, codeBody)
		assert.Equal(t, 404, resp.StatusCode, path)
		assert.Equal(t, message("Not Found"), got, path)
	}
	for _, operation := range operations {
		for _, method := range []string{"GET", "PUT", "PATCH", "DELETE"} {
			resp, got := a.send(method, a.path(operation), codeBody)
			assert.Equal(t, 405, resp.StatusCode, method)
			assert.Equal(t, message("Method Not Allowed"), got, method)
			assert.Equal(t, "POST", resp.Header.Get("Allow"))
		}
	}
	assert.Empty(t, a.Inbox.All())
}

func TestConcurrentChats(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	var wg sync.WaitGroup
	for i := range 100 {
		wg.Go(func() {
			to := fmt.Sprintf("202000000%02d", i)
			hurry(t, a, "request-code", strings.Replace(codeBody, "20123456789", to, 1))
			hurry(t, a, "generate-link", strings.Replace(linkBody, "20123456789", to, 1))
			code, ok := a.Code(to)
			assert.True(t, ok)
			hurry(t, a, "validate-code", strings.Replace(typed(code), "20123456789", to, 1))
			m, _ := a.Inbox.Last(to)
			assert.Equal(t, otpsim.Verified, m.State)
		})
	}
	wg.Wait()
	assert.Len(t, a.Inbox.All(), 100)
	assert.Len(t, a.Requests(), 300)
}

func TestConcurrentValidationsSucceedOnce(t *testing.T) {
	a := start(t)
	a.client.Transport = &http.Transport{MaxConnsPerHost: 20}
	code := a.code()
	var wg sync.WaitGroup
	for range 100 {
		wg.Go(func() { hurry(t, a, "validate-code", typed(code)) })
	}
	wg.Wait()
	accepted := 0
	for _, r := range a.Requests() {
		if r.Operation == "validate-code" && r.Accepted {
			accepted++
		}
	}
	assert.Equal(t, 1, accepted)
}

// hurry posts from a goroutine, which must not end a test.
func hurry(t *testing.T, a *account, operation, body string) {
	req, err := http.NewRequestWithContext(t.Context(), "POST", a.URL+a.path(operation), strings.NewReader(body))
	if !assert.NoError(t, err) {
		return
	}
	req.Header.Set("Authorization", "Bearer "+a.Token)
	resp, err := a.client.Do(req)
	if assert.NoError(t, err) {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
	}
}

func TestOptionsThatCannotWork(t *testing.T) {
	for want, opt := range map[string]hypersendertest.Option{
		"hypersendertest: a key must be printable ASCII, without a space at either end": hypersendertest.WithToken("1|x\n"),
		"hypersendertest: WithInstance: must have letters, digits, - and _ only":        hypersendertest.WithInstance("a/b"),
	} {
		assert.PanicsWithValue(t, want, func() { hypersendertest.NewServer(opt) })
	}
}

func TestFaultsWithBodiesOfTheVendor(t *testing.T) {
	const notFound = "The route api/otp/v2/x could not be found."
	for want, fault := range map[string]otpsim.Fault{
		"401 " + message("Unauthenticated."):             otpsim.Status(401),
		"403 " + message("This action is unauthorized."): otpsim.Status(403),
		"404 " + message("Not Found"):                    otpsim.Status(404),
		"422 " + message("The given data was invalid."):  otpsim.Status(422),
		"429 " + message("Too Many Attempts."):           otpsim.TooMany(0),
		"500 " + message("Server Error"):                 otpsim.Status(500),
		"503 " + message("Server Error"):                 otpsim.Status(503),
		"409 " + message(notFound):                       hypersendertest.Error(409, notFound),
	} {
		a := start(t)
		a.Fail(fault)
		resp, got := a.post("request-code", codeBody)
		assert.Equal(t, want, strconv.Itoa(resp.StatusCode)+" "+got)
		assert.Empty(t, a.Inbox.All())
	}
}

func TestFaultForOneNumber(t *testing.T) {
	const other = "12132132131@c.us"
	a := start(t)
	code := a.code()
	a.Fail(otpsim.AfterAccepting(500).To(phone).Always())
	a.succeed("request-code", strings.Replace(codeBody, chat, other, 1))
	a.succeed("generate-link", strings.Replace(linkBody, chat, other, 1))
	a.expect("validate-code", typed(code), 500, message("Server Error"))
	a.expect("generate-link", linkBody, 500, message("Server Error"))
	a.Heal()
	a.rejects(code, 422, usedCode) // it was right, and is used up
}
