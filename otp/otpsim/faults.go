package otpsim

import (
	"fmt"
	"math"
	"net/http"
	"strconv"
	"time"
)

// gatewayPage is what a proxy in front of a vendor answers when the vendor is away.
const gatewayPage = "<html><head><title>%[1]s</title></head><body><center><h1>%[1]s</h1></center></body></html>\n"

// Reply answers with this status and body instead of the vendor. The Content-Type follows from the body;
// WithHeader changes it. A status that HTTP does not have is answered as 500.
func Reply(status int, body string) Fault {
	return Fault{kind: reply, status: status, body: body}
}

// HTML answers with a web page, as proxies in front of a vendor do.
func HTML(status int) Fault {
	return Reply(status, fmt.Sprintf(gatewayPage, fmt.Sprintf("%d %s", status, http.StatusText(status))))
}

// Redirect answers with a 3xx status and a Location.
func Redirect(status int, location string) Fault {
	return Reply(status, "").WithHeader("Location", location)
}

// TooMany answers 429 with this body and a Retry-After; without the header when retryAfter is 0 or less.
func TooMany(retryAfter time.Duration, body string) Fault {
	f := Reply(http.StatusTooManyRequests, body)
	if retryAfter <= 0 {
		return f
	}
	return f.WithHeader("Retry-After", RetryAfter(retryAfter))
}

// RetryAfter writes a pause as the header of that name does: whole seconds, rounded up so that nobody
// comes back too early.
func RetryAfter(d time.Duration) string {
	return strconv.FormatInt(int64(math.Ceil(d.Seconds())), 10)
}

// Cut closes the connection in good order after the request was read, without an answer: the client sees
// an EOF. Where a connection cannot be taken over (HTTP/2, a response recorder) the answer is a 500 with a
// text that says so.
func Cut() Fault { return Fault{kind: cut} }

// Reset is Cut the hard way: the client sees "connection reset by peer".
func Reset() Fault { return Fault{kind: reset} }

// Hang never answers: until the client leaves or the server closes.
func Hang() Fault { return Fault{kind: hang} }

// Endless answers 200, or the vendor's own status when Accepted, and a body that never ends: spaces, which
// a JSON reader goes on reading.
func Endless() Fault { return Fault{kind: endless} }

// Delay answers as the vendor would, but only after d of real time, whatever the Clock says.
func Delay(d time.Duration) Fault { return Fault{}.After(d) }

// Truncated answers with the first half of the vendor's own body, as if that were all.
func Truncated() Fault { return Fault{kind: truncated} }

// Empty answers with the vendor's own status and no body.
func Empty() Fault { return Fault{kind: empty} }

// Drip answers as the vendor would, one byte at a time with a pause of every before each.
func Drip(every time.Duration) Fault { return Fault{kind: drip, every: every} }
