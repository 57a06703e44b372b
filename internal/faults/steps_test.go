package faults_test

import (
	"bytes"
	"compress/gzip"
	"crypto/tls"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// What a vendor may do on a connection. Where it says something of its own, it quotes all that nobody may repeat.

// status answers with an error of the vendor's, in the forms of all four at once.
func status(code int, header ...string) step {
	return func(c *connection) {
		if c.take() {
			c.reply(code, c.server.indiscretion(), append(header, "Content-Type: application/json")...)
		}
	}
}

// indiscretion is an error of a vendor that quotes the canaries.
func (s *server) indiscretion() string {
	text, _ := json.Marshal(s.secrets()) // a string always can be
	return fmt.Sprintf(`{"message":%[1]s,"errors":[{"message":%[1]s}],"error":{"message":%[1]s}}`, text)
}

// webPage answers with what a proxy in front of a vendor says.
func webPage(code func(answer) int) step {
	return func(c *connection) {
		if c.take() {
			page := "<html><body><h1>" + c.server.secrets() + "</h1></body></html>"
			c.reply(code(c.server.call.success), page, "Content-Type: text/html")
		}
	}
}

func always(code int) func(answer) int   { return func(answer) int { return code } }
func statusOfSuccess(success answer) int { return success.status }

// redirect leads to another server, with a key in the path.
func redirect(code int) step {
	return func(c *connection) {
		if c.take() {
			c.reply(code, c.server.indiscretion(), "Location: "+c.server.elsewhere+"/"+key)
		}
	}
}

func succeed(c *connection) {
	if c.take() {
		c.reply(c.server.call.success.status, c.server.call.success.body)
	}
}

func closeAfterReading(c *connection) { c.take() }

func resetAfterReading(c *connection) {
	if c.take() {
		c.reset()
	}
}

func resetBeforeTheBody(c *connection) {
	if _, ok := c.takeHeader(); ok {
		c.reset()
	}
}

func hang(c *connection) {
	if c.take() {
		c.silence()
	}
}

// stay answers the first request as it should be and leaves the connection open for what then does with the next one.
func stay(then step) step {
	return func(c *connection) {
		if c.take() && c.replyAndStay(c.server.call.success) {
			then(c)
		}
	}
}

// halfTheAnswer announces the whole answer, and ends in the middle.
func halfTheAnswer(c *connection) { c.cutOff(c.server.call.success) }

// halfARefusal is where a vendor may have given its verdict on a code.
func halfARefusal(c *connection) { c.cutOff(answer{http.StatusBadRequest, c.server.indiscretion()}) }

func (c *connection) cutOff(a answer) {
	if c.take() {
		c.write(head(a.status, fmt.Sprintf("Content-Length: %d", len(a.body))) + half(a.body))
	}
}

// switchProtocols agrees to what nobody has asked for, and waits for it.
func switchProtocols(c *connection) {
	if c.take() {
		c.write(head(http.StatusSwitchingProtocols, "Connection: Upgrade", "Upgrade: websocket"))
		c.silence()
	}
}

// halfTheJSON is an answer that HTTP has nothing to say against.
func halfTheJSON(c *connection) {
	if success := c.server.call.success; c.take() {
		c.reply(success.status, half(success.body))
	}
}

func half(s string) string { return s[:len(s)/2] }

func emptySuccess(c *connection) { emptyAnswer(c.server.call.success.status)(c) }

func emptyAnswer(code int) step {
	return func(c *connection) {
		if c.take() {
			c.reply(code, "")
		}
	}
}

func halfAHeader(c *connection) {
	if c.take() {
		c.write("HTTP/1.1 200 OK\r\nX-Echo: " + c.server.secrets())
		c.silence()
	}
}

func closeInTheHeader(c *connection) {
	if c.take() {
		c.write("HTTP/1.1 200 OK\r\nX-Echo: " + c.server.secrets())
	}
}

func endlessHeader(c *connection) {
	line := strings.Repeat("X-Echo: "+c.server.secrets()+"\r\n", 100)
	if c.take() {
		c.writeForEver("HTTP/1.1 200 OK\r\n", line)
	}
}

// garbage has no space in it: of a line with spaces net/http quotes only a part.
func garbage(c *connection) {
	if c.take() {
		c.write("\x1b[31m" + strings.ReplaceAll(c.server.secrets(), " ", "/") + "\r\n\r\n")
	}
}

func garbageInTheHeader(c *connection) {
	if c.take() {
		c.write("HTTP/1.1 200 OK\r\n" + c.server.secrets() + "\r\n\r\n")
	}
}

func lengthThatIsNone(c *connection) {
	if success := c.server.call.success; c.take() {
		c.write(head(success.status, "Content-Length: "+c.server.secrets()) + success.body)
	}
}

func endlessBody(c *connection) {
	if c.take() {
		c.writeForEver(head(c.server.call.success.status, "Connection: close"), spaces())
	}
}

// gzipBomb is an endless body of which each MiB unpacks to a GiB.
func gzipBomb(c *connection) {
	if c.take() {
		c.writeForEver(head(c.server.call.success.status, "Connection: close", "Content-Encoding: gzip"), packedSpaces())
	}
}

// writeForEver allocates nothing after the start: what memory a test finds to be taken is the client's.
func (c *connection) writeForEver(first, again string) {
	_, err := c.Write([]byte(first))
	for chunk := []byte(again); err == nil; {
		_, err = c.Write(chunk)
	}
}

// spaces are what a JSON reader goes on reading.
var spaces = sync.OnceValue(func() string { return strings.Repeat(" ", 64<<10) })

// packedSpaces are many gzip files in a row, which count as one.
var packedSpaces = sync.OnceValue(func() string {
	var packed bytes.Buffer
	w := gzip.NewWriter(&packed)
	_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20)) // a buffer takes everything
	_ = w.Close()
	return strings.Repeat(packed.String(), 64)
})

// aByteASecond never gets to the end of a success.
func aByteASecond(c *connection) {
	if success := c.server.call.success; c.take() {
		c.write(head(success.status, fmt.Sprintf("Content-Length: %d", len(success.body))))
		for i := range success.body {
			if !c.pause(time.Second) || !c.write(success.body[i:i+1]) {
				return
			}
		}
	}
}

// pause reports whether the server is still open after d.
func (c *connection) pause(d time.Duration) bool {
	select {
	case <-c.server.closing:
		return false
	case <-time.After(d):
		return true
	}
}

// sayNothing is a server that accepts the connection, and does not even begin with TLS.
func sayNothing(c *connection) { c.silence() }

// hangUp closes the connection before TLS has begun.
func hangUp(*connection) {}

// speakPlainly answers the beginning of TLS with HTTP.
func speakPlainly(c *connection) { c.reply(400, c.server.indiscretion()) }

// byTLS puts TLS before a step.
func byTLS(config func() *tls.Config, then step) step {
	return func(c *connection) {
		c.secure(config())
		then(c)
	}
}
