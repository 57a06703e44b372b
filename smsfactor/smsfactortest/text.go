package smsfactortest

import (
	"fmt"
	"strings"
	"time"
)

const codePlaceholder, expiryPlaceholder = "{code}", "{hh:mm:ss}"

// render is the text that goes out: {code} is replaced by the code and {hh:mm:ss} by its expiry; an empty text
// sends the code alone (page otp-mfa-send-a-code).
func (q Quirks) render(text, code string, now, expires time.Time) string {
	switch {
	case text == "":
		return code
	case !strings.Contains(text, codePlaceholder) && !q.NothingAppended:
		text += codePlaceholder
	}
	return strings.NewReplacer(codePlaceholder, code, expiryPlaceholder, q.expiry(now, expires)).Replace(text)
}

// expiry fills {hh:mm:ss}. Whether the vendor means a time of day or a duration, and in which zone, is not
// documented.
func (q Quirks) expiry(now, expires time.Time) string {
	if q.ExpiryAsDuration {
		seconds := int(expires.Sub(now) / time.Second)
		return fmt.Sprintf("%02d:%02d:%02d", seconds/3600, seconds/60%60, seconds%60)
	}
	zone := q.ExpiryZone
	if zone == nil {
		zone = time.UTC
	}
	return expires.In(zone).Format(time.TimeOnly)
}
