package otpsim

import (
	"bytes"
	"cmp"
	"compress/gzip"
	"fmt"
	"net/http"
	"strconv"
	"time"
)

const gatewayPage = "<html><head><title>%[1]s</title></head><body><center><h1>%[1]s</h1></center></body></html>\n"

// Reply answers with this status and body instead of the vendor, with a fitting Content-Type.
func Reply(status int, body string) Fault {
	return instead("reply "+strconv.Itoa(status), func(*Server, Answer) Answer {
		return Answer{Status: status, Body: []byte(body)}
	})
}

// Status answers with this status and the vendor's own body for it: Status(401) is a wrong key.
func Status(status int) Fault {
	return instead("reply "+strconv.Itoa(status), func(s *Server, _ Answer) Answer { return s.config.Refuse(status) })
}

// AfterAccepting is Status(status).Accepted(): what a crash behind a gateway looks like.
func AfterAccepting(status int) Fault { return Status(status).Accepted() }

// TooMany answers 429 with the vendor's own body, and a Retry-After in whole seconds; 0 = without.
func TooMany(retryAfter time.Duration) Fault {
	f := Status(http.StatusTooManyRequests)
	if retryAfter <= 0 {
		return f
	}
	return f.WithHeader("Retry-After", seconds(retryAfter))
}

// HTML answers with a web page, as proxies in front of a vendor do.
func HTML(status int) Fault {
	f := Reply(status, fmt.Sprintf(gatewayPage, fmt.Sprintf("%d %s", status, http.StatusText(status))))
	f.name = "html " + strconv.Itoa(status)
	return f
}

// Redirect answers with a 3xx status and a Location.
func Redirect(status int, location string) Fault {
	return Reply(status, "").WithHeader("Location", location)
}

// Cut closes the connection after the request was read: an EOF, or a 500 where it cannot.
func Cut() Fault { return unanswered("cut", func(d delivery) { d.cut(false) }) }

// Reset is Cut the hard way: the client sees "connection reset by peer".
func Reset() Fault { return unanswered("reset", func(d delivery) { d.cut(true) }) }

// Hang never answers: until the client leaves or the server closes.
func Hang() Fault { return unanswered("hang", delivery.hang) }

// Endless answers 200, or the vendor's status when Accepted, and spaces without end.
func Endless() Fault {
	f := instead("endless", func(_ *Server, a Answer) Answer {
		return Answer{Status: cmp.Or(a.Status, http.StatusOK)}.with("Content-Type", "application/json")
	})
	f.deliver = delivery.pour
	return f
}

// Delay answers as the vendor would, but only after d of real time, whatever the Clock says.
func Delay(d time.Duration) Fault { return Fault{name: "delay"}.After(d) }

// Change answers with what change makes of the vendor's answer. It must copy a Header first.
func Change(name string, change func(Answer) Answer) Fault {
	return Fault{name: name, change: func(_ *Server, a Answer) Answer { return change(a) }}
}

// Truncated answers with the first half of the vendor's own body, as if that were all.
func Truncated() Fault {
	return Change("truncated", func(a Answer) Answer {
		a.Body = a.Body[:len(a.Body)/2]
		return a
	})
}

// Empty answers with the vendor's own status and no body.
func Empty() Fault {
	return Change("empty", func(a Answer) Answer {
		a.Body = nil
		return a
	})
}

// Drip answers as the vendor would, one byte at a time with a pause of every before each.
func Drip(every time.Duration) Fault {
	return Fault{name: "drip", deliver: func(d delivery) { d.drip(every) }}
}

// Gzip compresses the vendor's own answer, whether or not the client can read that.
func Gzip() Fault {
	return Change("gzip", func(a Answer) Answer {
		var compressed bytes.Buffer
		w := gzip.NewWriter(&compressed)
		_, _ = w.Write(a.Body) // a Buffer takes everything
		_ = w.Close()
		a = a.withType().with("Content-Encoding", "gzip")
		a.Body = compressed.Bytes()
		return a
	})
}

// WithBOM puts a byte order mark before the vendor's own body.
func WithBOM() Fault {
	return Change("byte order mark", func(a Answer) Answer {
		a = a.withType()
		a.Body = append([]byte("\uFEFF"), a.Body...)
		return a
	})
}

// TooLong sends the body twice, beyond the Content-Length; over HTTP/2, a 500 that says so.
func TooLong() Fault { return Fault{name: "too long", deliver: delivery.overrun} }

// SuccessAs answers with the vendor's own body under this status.
func SuccessAs(status int) Fault {
	return Change("success as "+strconv.Itoa(status), func(a Answer) Answer {
		a.Status = status
		return a
	})
}

func instead(name string, change func(*Server, Answer) Answer) Fault {
	return Fault{name: name, replaces: true, change: change}
}

func unanswered(name string, deliver func(delivery)) Fault {
	f := instead(name, func(*Server, Answer) Answer { return Answer{} })
	f.deliver = deliver
	return f
}
