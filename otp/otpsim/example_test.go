package otpsim_test

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

// A vendor with one operation, whose answer gets lost once.
func Example() {
	clock, inbox := new(otpsim.Clock), new(otpsim.Inbox)
	send := func(_ *http.Request, body []byte) otpsim.Answer {
		request, err := otpsim.ParseObject(body)
		if err != nil || request.String("to") == "" || request.Mistyped() != "" {
			return otpsim.JSON(http.StatusBadRequest, "bad request")
		}
		now, code := clock.Now(), otpsim.Digits(6)
		inbox.Deliver(otpsim.Message{To: request.String("to"), Code: code, SentAt: now, ExpiresAt: now.Add(time.Minute)})
		return otpsim.JSON(http.StatusOK, map[string]string{"id": "1"})
	}
	vendor := otpsim.New(otpsim.Config{
		Clock:      clock,
		Operations: []otpsim.Operation{{Name: "send", Method: http.MethodPost, Path: "/{account}/send", Do: send}},
		Refuse:     func(status int) otpsim.Answer { return otpsim.JSON(status, "refused") },
	})
	url, err := vendor.Listen()
	if err != nil {
		fmt.Println(err)
		return
	}
	defer vendor.Close()

	vendor.Fail(otpsim.Reply(500, "oops").Accepted().On("send"))
	resp, err := http.Post(url+"/me/send", "application/json", strings.NewReader(`{"to":"+905321234567"}`))
	if err != nil {
		fmt.Println(err)
		return
	}
	defer resp.Body.Close()
	body, _ := io.ReadAll(resp.Body)
	fmt.Println(resp.StatusCode, string(body))
	fmt.Println(len(inbox.Of("+905321234567")), "text sent")

	// Output:
	// 500 oops
	// 1 text sent
}
