package otpsim_test

import (
	"crypto/rand"
	"net/http"
	"strconv"
	"strings"
	"testing"
	"testing/synctest"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp/otpsim"
)

func TestFaultsListedAndHealedByNumber(t *testing.T) {
	v := newVendor(t)
	v.Fail(otpsim.Cut().To("+905321234567"), otpsim.Cut(), otpsim.Hang().To("14155550123"), otpsim.Reset().To("+905321234567"))
	assert.Len(t, v.FaultsTo("905321234567"), 2)
	assert.Len(t, v.FaultsTo("+14155550123"), 1)
	assert.Len(t, v.FaultsTo(""), 1)
	v.HealTo("+905321234567")
	assert.Len(t, v.Faults(), 2)
	v.HealTo("")
	assert.Len(t, v.Faults(), 1)
	v.Heal()
	assert.Empty(t, v.Faults())
}

func TestAgeMovesOneNumber(t *testing.T) {
	v := newVendor(t)
	for _, to := range []string{"+1", "+2"} {
		v.Inbox.Deliver(otpsim.Message{ID: to, To: to, Code: "1", SentAt: noon, ExpiresAt: noon.Add(time.Minute)})
	}
	v.Inbox.Deliver(otpsim.Message{ID: "3", To: "+1", Code: "1", SentAt: noon})
	var seen []int
	v.Inbox.Watch(func(n int, _ otpsim.Message) { seen = append(seen, n) })

	v.Age("1", time.Minute)
	one := v.Inbox.Of("+1")
	assert.Equal(t, otpsim.Expired, one[0].StateAt(noon))
	assert.Equal(t, noon.Add(-time.Minute), one[0].SentAt)
	assert.Zero(t, one[1].ExpiresAt, "a code without an end keeps none")
	assert.Equal(t, otpsim.Pending, v.Inbox.Of("+2")[0].StateAt(noon))
	assert.Equal(t, []int{1, 3}, seen)
}

func TestForgetOneNumber(t *testing.T) {
	v := newVendor(t)
	v.Inbox.Limit = 4
	b := v.Inbox
	for i, to := range []string{"+1", "+2", "+1", "+2"} {
		b.Deliver(otpsim.Message{ID: strconv.Itoa(i / 2), To: to, Code: strconv.Itoa(i)})
	}
	v.Fail(otpsim.Cut().To("+1"), otpsim.Cut().To("+2"))
	v.Forget("1")
	v.Forget("+3")
	assert.Len(t, v.Faults(), 1)
	assert.Empty(t, b.Of("+1"))
	require.Len(t, b.All(), 2)
	m, ok := b.Get("0")
	assert.True(t, ok, "the other phone of the same ID keeps its message")
	assert.Equal(t, "+2", m.To)
	assert.Zero(t, b.Dropped())
	for range 4 {
		b.Deliver(otpsim.Message{ID: "4", To: "+1"})
	}
	assert.Equal(t, 2, b.Dropped(), "the limit still holds")
	assert.Empty(t, b.Of("+2"))
}

func TestReceiptsOfOneNumber(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := otpsim.New(otpsim.Config{Operations: []otpsim.Operation{{
			Name: "none", Method: "GET", Path: "/",
			Do: func(*http.Request, []byte) otpsim.Answer { return otpsim.Answer{} },
		}}})
		defer srv.Close()
		text := func(to string) {
			srv.Inbox.Deliver(otpsim.Message{ID: rand.Text(), To: to, SentAt: srv.Clock.Now()})
			synctest.Wait()
		}
		delivery := func(to string) string {
			synctest.Wait()
			m, _ := srv.Inbox.Last(to)
			return m.Delivery
		}
		late := []otpsim.Receipt{{Status: "sent"}, {Status: "delivered", After: time.Hour}}
		srv.Receipts(otpsim.Receipt{Status: "read"})
		srv.ReceiptsTo("1", late...)
		srv.ReceiptsTo("+2", late...)
		srv.ReceiptsTo("+3")
		for _, to := range []string{"+1", "+2", "+3", "+4"} {
			text(to)
		}
		assert.Equal(t, []string{"sent", "sent", "", "read"}, []string{delivery("+1"), delivery("+2"), delivery("+3"), delivery("+4")})
		srv.Age("+1", 59*time.Minute)
		assert.Equal(t, "sent", delivery("+1"))
		srv.Age("+1", time.Minute)
		assert.Equal(t, "delivered", delivery("+1"), "an hour has passed for this phone")
		assert.Equal(t, "sent", delivery("+2"), "and for no other")

		srv.Forget("+2")
		text("+2")
		assert.Equal(t, "read", delivery("+2"), "as for all numbers again")
		srv.Clock.Advance(2 * time.Hour)
		assert.Equal(t, "read", delivery("+2"), "a text that is forgotten has no receipts to come")
	})
}

func TestDivertOneNumberOrAll(t *testing.T) {
	v := newVendor(t)
	other := func(text string) *otpsim.Server {
		return otpsim.New(otpsim.Config{
			RequireJSON: text == "strict",
			Operations: []otpsim.Operation{{
				Name: "send", Method: "POST", Path: "/v1/{sid}/send", Recipient: recipientOf,
				Do: func(*http.Request, []byte) otpsim.Answer { return otpsim.JSON(200, text) },
			}},
		})
	}
	body := func(to string) string { return v.do(t, "POST", "/v1/AB/send", `{"to":"`+to+`"}`).body }
	one := other("one")
	v.Divert("905321234567", one)
	assert.Same(t, v.Inbox, one.Inbox)
	assert.Same(t, v.Clock, one.Clock)
	assert.Equal(t, `"one"`, body("+905321234567"))
	assert.Equal(t, echoed, body("+14155550123"))

	v.Divert("", other("all"))
	assert.Equal(t, `"one"`, body("+905321234567"))
	assert.Equal(t, `"all"`, body("+14155550123"))
	v.Divert("+905321234567", nil)
	assert.Equal(t, `"all"`, body("+905321234567"))
	v.Divert("", other("strict"))
	assert.Equal(t, 415, v.do(t, "POST", "/v1/AB/send", `{}`, "Content-Type", "text/plain").status)
	assert.Equal(t, 413, v.do(t, "POST", "/v1/AB/send", strings.Repeat(" ", 1<<20+1)).status)

	v.Divert("", nil)
	v.Limit("send", otpsim.Rate{Events: 1, Per: time.Hour})
	v.Divert("+1", other("late"))
	assert.Equal(t, `"late"`, body("+1"))
	assert.Equal(t, 429, v.do(t, "POST", "/v1/AB/send", `{"to":"+1"}`).status, "limits stay those of the account")
	assert.Len(t, v.Requests(), 9)
}
