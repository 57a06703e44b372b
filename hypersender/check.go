package hypersender

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/internal/check"
	"github.com/otp-sdk/otp-go/otp"
)

// The limits: the defaults from "Request OTP Code" and "generate-link", the ranges from the vendor's client.
const (
	shortestCode, longestCode, defaultCode = 4, 10, 6
	shortestExpires, defaultExpires        = 60 * time.Second, 1800 * time.Second
	longestCodeExpires, longestLinkExpires = 1800 * time.Second, 3600 * time.Second
)

func (r RequestCodeRequest) check() error {
	return check.First(
		checkChatID(r.ChatID),
		check.Between("length", r.Length, shortestCode, longestCode),
		check.When(r.NoNumber && !r.UseLetter, "no_number", "leaves no characters without use_letter"),
		checkName(r.Name),
		check.Seconds("expires", r.Expires, shortestExpires, longestCodeExpires),
	)
}

func (r ValidateCodeRequest) check() error {
	return check.First(
		checkChatID(r.ChatID),
		check.Required("code", r.Code),
		checkCode(r.Code),
	)
}

func (r GenerateLinkRequest) check() error {
	return check.First(
		check.Seconds("expires", r.Expires, shortestExpires, longestLinkExpires),
		checkName(r.Name),
		check.URL("callback.success", r.Callback.Success),
		check.URL("callback.failed", r.Callback.Failed),
	)
}

// checkChatID refuses only an empty one: no page lists every form that the vendor takes.
func checkChatID(id string) error {
	if id != "" {
		return nil
	}
	return &otp.Error{
		Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent, Field: "chat_id", Err: errors.New("must not be empty"),
	}
}

// checkName refuses a name that the vendor would trim to nothing; the empty one stands for Config.AppName.
func checkName(name string) error {
	return check.When(name != "" && strings.TrimSpace(name) == "", "name", "must not be blank")
}

var codeForm = regexp.MustCompile(`\A[A-Za-z0-9]{4,10}\z`)

func checkCode(typed string) error {
	return check.When(!codeForm.MatchString(typed), "code", "must be 4 to 10 letters or digits")
}
