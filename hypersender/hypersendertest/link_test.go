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

const (
	successURL = "https://yourdomain.com/callback/success"
	failedURL  = "https://yourdomain.com/callback/failed"

	successText = "Here is your login link: " + successURL
	failedText  = "Login failed, please try again later."
	expiredText = "The link has been expired, please try another one."
)

// The sample of the page "Generate Link", with the number that the vendor's fixture has.
func TestGenerateLinkSample(t *testing.T) {
	a := start(t, hypersendertest.WithNumber("20123456789"))
	a.Clock.Set(time.Date(2025, 12, 29, 17, 44, 55, 0, time.UTC))
	resp, got := a.post("generate-link", linkBody)
	require.Equal(t, 200, resp.StatusCode)
	uuid, code := fieldOf(t, got, "uuid"), fieldOf(t, got, "code")
	assert.Regexp(t, uuidPattern, uuid)
	assert.Regexp(t, `^[A-Z]{8}$`, code)
	sample := `{"success":true,"message":"OTP link request created successfully","data":{` +
		`"uuid":"a0b5e14e-95da-4bd4-9e2a-071661244bef","code":"RDYFQUBX","chat_id":"20123456789@c.us","status":"pending",` +
		`"otp_type":"link","expires_at":"2025-12-29T18:14:55+00:00","created_at":"2025-12-29T17:44:55+00:00",` +
		`"whatsapp_link":"https://wa.me/20123456789?text=Give+me+link+to+login+at+7enkesh+%5BRDYFQUBX%5D+-+DO+NOT+CHANGE+THIS+MESSAGE"}}`
	assert.Equal(t, strings.NewReplacer("a0b5e14e-95da-4bd4-9e2a-071661244bef", uuid, "RDYFQUBX", code).Replace(sample), got)
	assert.Empty(t, a.Inbox.All(), "nothing is sent")
	assert.Empty(t, a.Callbacks())
}

// fieldOf cuts the first string of that name out of a body.
func fieldOf(t *testing.T, body, field string) string {
	t.Helper()
	_, rest, found := strings.Cut(body, `"`+field+`":"`)
	require.True(t, found, body)
	value, _, _ := strings.Cut(rest, `"`)
	return value
}

func TestLinkLeadsToTheBusiness(t *testing.T) {
	a := start(t)
	assert.Equal(t, "12025550100", a.Number)
	assert.Contains(t, a.link().Link, "https://wa.me/12025550100?text=")
	b := start(t, hypersendertest.WithNumber("+4915112345678"))
	assert.Contains(t, b.link().Link, "https://wa.me/4915112345678?text=")
}

func TestLinkWithoutChatID(t *testing.T) {
	a := start(t)
	body := strings.Replace(linkBody, `"chatId":"20123456789@c.us",`, "", 1)
	_, got := a.post("generate-link", body)
	assert.Contains(t, got, `"chat_id":null,"status":"pending"`)

	link := a.succeed("generate-link", body)
	_, err := a.OpenLink(link.Link, "")
	assert.ErrorContains(t, err, "say who opens it")
	reply, err := a.OpenLink(link.Link, "+4915112345678")
	require.NoError(t, err)
	assert.Equal(t, "+4915112345678", reply.To)
	assert.Equal(t, "verified", a.status(link.UUID))
}

func TestOpenLink(t *testing.T) {
	for _, from := range []string{"", "+20123456789", "20123456789", "20123456789@c.us"} {
		a := start(t)
		link := a.link()
		assert.Equal(t, "pending", a.status(link.UUID))
		reply, err := a.OpenLink(link.Link, from)
		require.NoError(t, err)
		assert.Equal(t, hypersendertest.Message{ID: link.UUID, To: phone, Channel: "whatsapp", Text: successText, SentAt: noon}, reply)
		assert.Equal(t, []hypersendertest.Message{reply}, a.Inbox.Of(phone))
		assert.Equal(t, "verified", a.status(link.UUID))
		assert.Equal(t, []hypersendertest.Callback{{At: noon, URL: successURL, UUID: link.UUID, Status: "verified"}}, a.Callbacks())
	}
}

func TestLinkWorksOnce(t *testing.T) {
	a := start(t)
	link := a.link()
	for i, want := range []string{successText, failedText, failedText} {
		reply, err := a.OpenLink(link.Link, "")
		require.NoError(t, err)
		assert.Equal(t, want, reply.Text, i)
	}
	a.Clock.Advance(time.Hour)
	reply, err := a.OpenLink(link.Link, "")
	require.NoError(t, err)
	assert.Equal(t, expiredText, reply.Text)
	assert.Equal(t, "verified", a.status(link.UUID))
	assert.Len(t, a.Callbacks(), 1)
}

func TestLinkFails(t *testing.T) {
	for _, tt := range []struct{ name, from, old, changed string }{
		{"another person", "+4915112345678", "", ""},
		{"changed prompt", phone, "Give me", "Send me"},
		{"nothing but the code", phone, "Give me link to login at 7enkesh ", ""},
		{"a word added", phone, "THIS MESSAGE", "THIS MESSAGE please"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			a := start(t)
			link := a.link()
			reply, err := a.Receive(tt.from, strings.Replace(prefilled(t, link.Link), tt.old, tt.changed, 1))
			require.NoError(t, err)
			assert.Equal(t, failedText, reply.Text)
			assert.Equal(t, tt.from, reply.To)
			assert.Equal(t, "failed", a.status(link.UUID))
			want := []hypersendertest.Callback{{At: noon, URL: failedURL, UUID: link.UUID, Status: "failed"}}
			assert.Equal(t, want, a.Callbacks())

			reply, err = a.OpenLink(link.Link, "") // now it is too late to do it right
			require.NoError(t, err)
			assert.Equal(t, failedText, reply.Text)
			assert.Equal(t, want, a.Callbacks())
		})
	}
}

func prefilled(t *testing.T, link string) string {
	t.Helper()
	u, err := url.Parse(link)
	require.NoError(t, err)
	return u.Query().Get("text")
}

func TestLinkExpires(t *testing.T) {
	for _, lifetime := range []string{"60", "3600"} {
		seconds, _ := time.ParseDuration(lifetime + "s")
		a := start(t)
		body := strings.Replace(linkBody, "1800", lifetime, 1)
		inTime, late := a.succeed("generate-link", body), a.succeed("generate-link", body)
		a.Clock.Advance(seconds - time.Millisecond)
		_, err := a.OpenLink(inTime.Link, "")
		require.NoError(t, err)
		a.Clock.Advance(time.Millisecond)
		assert.Equal(t, "expired", a.status(late.UUID))
		reply, err := a.OpenLink(late.Link, "")
		require.NoError(t, err)
		assert.Equal(t, expiredText, reply.Text)
		assert.Equal(t, "verified", a.status(inTime.UUID))
		assert.Equal(t, "expired", a.status(late.UUID))
		require.Len(t, a.Callbacks(), 2)
		assert.Equal(t, hypersendertest.Callback{At: noon.Add(seconds), URL: failedURL, UUID: late.UUID, Status: "expired"}, a.Callbacks()[1])
	}
	a := start(t)
	_, got := a.post("generate-link", strings.Replace(linkBody, `"expires":1800,`, "", 1))
	assert.Contains(t, got, `"expires_at":"2025-12-29T18:09:38+00:00"`, "the default is 1800, too")
}

func TestPlaceholders(t *testing.T) {
	a := start(t)
	body := strings.NewReplacer("Here is your login link: {link}", "{name}: {link} {code} {other}", "Login failed, please try again later.",
		"{name} {code}", `"7enkesh"`, `"{code}"`).Replace(linkBody)
	link := a.succeed("generate-link", body)
	reply, err := a.OpenLink(link.Link, "")
	require.NoError(t, err)
	assert.Equal(t, "{code}: "+successURL+" "+link.Code+" {other}", reply.Text)
	assert.Equal(t, link.Code, reply.Code)
	assert.Equal(t, noon.Add(30*time.Minute), reply.ExpiresAt)

	link = a.succeed("generate-link", strings.Replace(body, "{code}", "Acme", 1))
	reply, err = a.OpenLink(link.Link, "+4915112345678")
	require.NoError(t, err)
	assert.Equal(t, "Acme "+link.Code, reply.Text)
}

func TestReplyHidesNoCode(t *testing.T) {
	a := start(t)
	code := a.code()
	_, err := a.OpenLink(a.link().Link, "")
	require.NoError(t, err)
	got, ok := a.Code(phone)
	assert.True(t, ok, "the reply has no code, the message before has")
	assert.Equal(t, code, got)
}

func TestPromptIsEncoded(t *testing.T) {
	a := start(t)
	const prompt = `50% & more? "ünï" [x] #1 + 1`
	link := a.succeed("generate-link", strings.Replace(linkBody, "Give me link to login at 7enkesh", strings.ReplaceAll(prompt, `"`, `\"`), 1))
	assert.Equal(t, prompt+" ["+link.Code+"] - DO NOT CHANGE THIS MESSAGE", prefilled(t, link.Link))
	_, err := a.OpenLink(link.Link, "")
	require.NoError(t, err)
	assert.Equal(t, "verified", a.status(link.UUID))
}

func TestMessagesThatBelongToNoLink(t *testing.T) {
	a := start(t)
	code := a.link().Code
	for _, text := range []string{"", "hello", code, "[" + strings.ToLower(code) + "]", "]" + code + "[", "[]"} {
		_, err := a.Receive(phone, text)
		assert.EqualError(t, err, "hypersendertest: this message belongs to no link", text)
	}
	assert.Empty(t, a.Inbox.All())
	assert.Empty(t, a.Callbacks())
}

func TestLinksThatLeadElsewhere(t *testing.T) {
	a := start(t)
	link := a.link().Link
	for _, tt := range []struct{ link, err string }{
		{"", "not a wa.me link"},
		{"\n", "not a wa.me link"},
		{strings.Replace(link, "https:", "http:", 1), "not a wa.me link"},
		{strings.Replace(link, "wa.me", "wa.me.example", 1), "not a wa.me link"},
		{strings.Replace(link, a.Number, "4915112345678", 1), "another number"},
	} {
		_, err := a.OpenLink(tt.link, phone)
		assert.ErrorContains(t, err, tt.err, tt.link)
	}
}

func TestLenientLink(t *testing.T) {
	a := start(t, quirk(hypersendertest.Quirks{Lenient: true}))
	link := a.succeed("generate-link", `{}`)
	assert.Equal(t, "["+link.Code+"] - DO NOT CHANGE THIS MESSAGE", prefilled(t, link.Link))
	reply, err := a.OpenLink(link.Link, phone)
	require.NoError(t, err)
	assert.NotEmpty(t, reply.Text)
	assert.Empty(t, a.Callbacks(), "there is nobody to call")
}
