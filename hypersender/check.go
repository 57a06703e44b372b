package hypersender

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// The defaults of "Request OTP Code" and "generate-link", and the ranges of the vendor's client.
const (
	shortestCode, longestCode, defaultCode = 4, 10, 6
	shortestExpires, defaultExpires        = 60 * time.Second, 1800 * time.Second
	longestCodeExpires, longestLinkExpires = 1800 * time.Second, 3600 * time.Second
)

var instanceID = regexp.MustCompile(`\A[A-Za-z0-9_-]{1,64}\z`)

var codeForm = regexp.MustCompile(`\A[A-Za-z0-9]{4,10}\z`)

func (c Config) check() error {
	return vendorkit.First(
		vendorkit.When(!instanceID.MatchString(c.Instance), "instance", `must be 1 to 64 letters, digits, "-" or "_"`),
		vendorkit.When(strings.TrimSpace(c.AppName) == "", "app_name", "must not be empty"),
	)
}

func (r RequestCodeRequest) check() error {
	return vendorkit.First(
		checkChatID(r.ChatID),
		vendorkit.Between("length", r.Length, shortestCode, longestCode),
		vendorkit.When(r.NoNumber && !r.UseLetter, "no_number", "leaves no characters without use_letter"),
		checkName(r.Name),
		vendorkit.Seconds("expires", r.Expires, shortestExpires, longestCodeExpires),
	)
}

func (r ValidateCodeRequest) check() error {
	return vendorkit.First(
		checkChatID(r.ChatID),
		vendorkit.When(!codeForm.MatchString(r.Code), "code", "must be 4 to 10 letters or digits"),
	)
}

func (r GenerateLinkRequest) check() error {
	return vendorkit.First(
		vendorkit.Seconds("expires", r.Expires, shortestExpires, longestLinkExpires),
		checkName(r.Name),
		vendorkit.URL("callback.success", r.Callback.Success),
		vendorkit.URL("callback.failed", r.Callback.Failed),
	)
}

// checkChatID refuses only an empty one: no page lists every form that the vendor takes.
func checkChatID(id string) error {
	if id != "" {
		return nil
	}
	return &otp.Error{
		Kind: otp.ErrInvalidRecipient, Outcome: otp.OutcomeNotSent, Field: "chat_id",
		Err: errors.New("must not be empty"),
	}
}

func checkName(name string) error {
	return vendorkit.When(name != "" && strings.TrimSpace(name) == "", "name", "must not be blank")
}
