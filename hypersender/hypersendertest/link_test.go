package hypersendertest_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/hypersender/hypersendertest"
)

// The sample of the page "Generate Link", with the number of the simulator's business.
func TestGenerateLinkSample(t *testing.T) {
	a := start(t)
	a.Clock.Set(time.Date(2025, 12, 29, 17, 44, 55, 0, time.UTC))
	resp, got := a.post("generate-link", linkBody)
	require.Equal(t, 200, resp.StatusCode)
	uuid, code := fieldOf(t, got, "uuid"), fieldOf(t, got, "code")
	assert.Regexp(t, uuidPattern, uuid)
	assert.Regexp(t, `^[A-Z]{8}$`, code)
	sample := `{"success":true,"message":"OTP link request created successfully","data":{` +
		`"uuid":"a0b5e14e-95da-4bd4-9e2a-071661244bef","code":"RDYFQUBX","chat_id":"20123456789@c.us","status":"pending",` +
		`"otp_type":"link","expires_at":"2025-12-29T18:14:55+00:00","created_at":"2025-12-29T17:44:55+00:00",` +
		`"whatsapp_link":"https://wa.me/12025550100?text=Give+me+link+to+login+at+7enkesh+%5BRDYFQUBX%5D+-+DO+NOT+CHANGE+THIS+MESSAGE"}}`
	assert.Equal(t, strings.NewReplacer("a0b5e14e-95da-4bd4-9e2a-071661244bef", uuid, "RDYFQUBX", code).Replace(sample), got)
	assert.Empty(t, a.Inbox.All(), "nothing is sent")
}

// fieldOf cuts the first string of that name out of a body.
func fieldOf(t *testing.T, body, field string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, `"`+field+`":"`)
	require.True(t, found, body)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func TestLinkWithoutChatID(t *testing.T) {
	a := start(t)
	_, got := a.post("generate-link", strings.Replace(linkBody, `"chatId":"20123456789@c.us",`, "", 1))
	assert.Contains(t, got, `"chat_id":null,"status":"pending"`)
}

func prefilled(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	require.NoError(t, err)
	return u.Query().Get("text")
}

func TestLinkExpires(t *testing.T) {
	a := start(t)
	for old, want := range map[string]string{"60": "17:40:38", "3600": "18:39:38"} {
		_, got := a.post("generate-link", strings.Replace(linkBody, "1800", old, 1))
		assert.Contains(t, got, `"expires_at":"2025-12-29T`+want+`+00:00"`)
	}
	_, got := a.post("generate-link", strings.Replace(linkBody, `"expires":1800,`, "", 1))
	assert.Contains(t, got, `"expires_at":"2025-12-29T18:09:38+00:00"`, "the default is 1800, too")
}

func TestPromptIsEncoded(t *testing.T) {
	a := start(t)
	const prompt = `50% & more? "ünï" [x] #1 + 1`
	link := a.succeed("generate-link", strings.Replace(linkBody, "Give me link to login at 7enkesh", strings.ReplaceAll(prompt, `"`, `\"`), 1))
	assert.Equal(t, prompt+" ["+link.Code+"] - DO NOT CHANGE THIS MESSAGE", prefilled(t, link.Link))
}

func TestLenientLink(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{Lenient: true}))
	link := a.succeed("generate-link", `{}`)
	assert.Equal(t, "["+link.Code+"] - DO NOT CHANGE THIS MESSAGE", prefilled(t, link.Link))
}
