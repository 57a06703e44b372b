package insider

import (
	"cmp"
	"encoding/json"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/otp-sdk/otp-go/otp"
	"github.com/otp-sdk/otp-go/otp/vendorkit"
)

// What stands on the wire, where it differs from the types that callers use. Generate's fields have
// hyphens; those of the channel and template operations are camel case, in the tags of their types.

type generateBody struct {
	Channel     otp.Channel `json:"channel"`
	To          string      `json:"to"`
	Locale      string      `json:"locale,omitempty"`
	TTL         int         `json:"ttl,omitempty"`
	CodeLength  int         `json:"code-length,omitempty"`
	CustomCode  string      `json:"custom-code,omitempty"`
	MaxAttempts int         `json:"max-attempts,omitempty"`
	IsUnique    bool        `json:"is-unique,omitempty"`
	Callback    string      `json:"callback,omitempty"`
}

func (r GenerateRequest) body() generateBody {
	return generateBody{
		Channel: r.Channel, To: r.To, Locale: r.Locale, TTL: int(r.TTL / time.Second), CodeLength: r.CodeLength,
		CustomCode: r.CustomCode, MaxAttempts: r.MaxAttempts, IsUnique: r.IsUnique, Callback: r.Callback,
	}
}

// readGenerated reports whether the body is an object with the channel that was asked for and
// without errors: the code is on its way then. Fields of the wrong type are left zero, some have
// two spellings, and the key is kept also of failures. into may be nil.
func readGenerated(a vendorkit.Answer, asked otp.Channel, into *GenerateResponse) bool {
	answer, err := a.Object()
	if err != nil {
		return false
	}
	key, ttl := answer.Text("key"), seconds(number(answer, "ttl"))
	a.Sent(key, ttl)
	if into != nil { // a portable send need not pay for reading dates
		*into = GenerateResponse{
			Key:         key,
			Channel:     asked,
			Locale:      answer.Text("locale"),
			MaxAttempts: int(number(answer, "max-attempts", "maxAttempts")),
			TTL:         ttl,
			CreatedAt:   date(cmp.Or(answer.Text("date-created"), answer.Text("dateCreated"))),
			UpdatedAt:   date(cmp.Or(answer.Text("date-updated"), answer.Text("dateUpdated"))),
		}
	}
	return !answer.HasErrors() && answer.Text("channel") == string(asked)
}

// generated are the members of the success of Generate. No documented failure has one of them.
const generated = "key channel date-created dateCreated date-updated dateUpdated locale ttl max-attempts maxAttempts"

func hasGenerated(answer vendorkit.Object) bool {
	return hasSuccess(answer) || slices.ContainsFunc(strings.Fields(generated), func(name string) bool {
		return !slices.Contains([]string{"", "null"}, string(answer.Like(name)))
	})
}

func number(o vendorkit.Object, names ...string) int64 {
	for _, name := range names {
		value := o.Get(name)
		if value == nil {
			continue
		}
		if n, err := strconv.ParseInt(string(value), 10, 64); err == nil {
			return n
		}
	}
	return 0
}

// seconds is a lifetime as the vendor gives it; one that cannot be meant is "not said".
func seconds(n int64) time.Duration {
	const year = 365 * 24 * 60 * 60
	if n <= 0 || n > year {
		return 0
	}
	return time.Duration(n) * time.Second
}

// date is zero for what is no RFC 3339 date, or one that cannot be meant.
func date(s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || t.Year() > 9000 {
		return time.Time{}
	}
	return t.UTC()
}

type checkBody struct {
	To   string `json:"to"`
	Code any    `json:"code"`
}

// body has the code as a JSON integer, as the vendor's samples show, unless it starts with 0: an
// integer would lose that. Whether the vendor takes a string is not documented.
func (r CheckRequest) body() checkBody {
	if strings.HasPrefix(r.Code, "0") {
		return checkBody{To: r.To, Code: r.Code}
	}
	return checkBody{To: r.To, Code: json.Number(r.Code)}
}

// statusSuccess is the whole success of every operation but Generate and ListTemplates.
const statusSuccess = "success"

// isSuccess reports whether the body is {"status":"success"}, to the letter, without
// errors. On Check this decides whether somebody is let in.
func isSuccess(a vendorkit.Answer) bool {
	answer, err := a.Object()
	return err == nil && !answer.HasErrors() && answer.Text("status") == statusSuccess
}

func hasSuccess(answer vendorkit.Object) bool {
	return strings.EqualFold(string(answer.Like("status")), `"`+statusSuccess+`"`)
}

func readTemplates(a vendorkit.Answer, into *ListTemplatesResponse) bool {
	*into = ListTemplatesResponse{}
	return a.Decode(into) == nil && into.Templates != nil
}
