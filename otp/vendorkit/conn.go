package vendorkit

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"strconv"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
)

// guarded is a connection that may be from outside, called where a panic ends the process.
type guarded struct{ net.Conn }

// NetConn is the connection inside, as with a tls.Conn: who traces a call finds its encryption
// there.
func (g guarded) NetConn() net.Conn { return g.Conn }

func (g guarded) Read(p []byte) (int, error) {
	return safely.Value(func() (int, error) { return g.Conn.Read(p) })
}

func (g guarded) Write(p []byte) (int, error) {
	return safely.Value(func() (int, error) { return g.Conn.Write(p) })
}

func (g guarded) Close() error { return safely.Err(func() error { return g.Conn.Close() }) }

func (g guarded) SetDeadline(t time.Time) error {
	return safely.Err(func() error { return g.Conn.SetDeadline(t) })
}

func (g guarded) SetReadDeadline(t time.Time) error {
	return safely.Err(func() error { return g.Conn.SetReadDeadline(t) })
}

func (g guarded) SetWriteDeadline(t time.Time) error {
	return safely.Err(func() error { return g.Conn.SetWriteDeadline(t) })
}

// conn is a connection of ours. It closes itself where net/http would do harm: a server that sends
// more than its answer, which net/http prints or takes for the next answer; one that has announced
// when it closes an idle connection, which makes the outcome of a request at that moment unknown; a
// proxy that says nothing, for which net/http waits a minute. Bytes that are not HTTP, as of TLS
// through a proxy, pass as they are.
type conn struct {
	guarded

	detach func() bool // from the attempt for which it connects, through a proxy

	mu       sync.Mutex
	by       *attempt // whose request has got the connection
	timer    *time.Timer
	wrote    bool // any of the request
	refused  bool // to write anything more
	panicked bool // while it wrote: nobody knows what has left
	state    state
	line     []byte        // as far as it has come
	field    []byte        // of the head; the next line may go on with it
	body     state         // what follows the head
	left     int64         // of the body, or of a chunk
	idle     time.Duration // how long the server keeps the connection; 0 = not said
	closes   bool          // a read deadline is set because of idle
}

type state int8

const (
	quiet   state = iota // no request is under way: whatever comes is unsolicited
	status               // a request is written, and the first line of its answer comes next
	fields               // of the head
	sized                // a body of known length
	chunks               // the size of a chunk comes next
	chunk                // and its bytes
	trailer              // after the last chunk
	opaque               // not HTTP, or a body that ends with the connection
)

// begin closes the connection at until, or when the attempt ends, unless it is connected by then.
func (c *conn) begin(attempt context.Context, until time.Time) {
	_ = c.SetDeadline(until)
	c.detach = context.AfterFunc(attempt, func() { _ = c.Close() })
}

// take gives the connection to the request of an attempt. It is closed when the attempt's time is
// over.
func (c *conn) take(by *attempt) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.detach != nil { // it is connected
		c.detach()
		c.detach = nil
		_ = c.SetDeadline(time.Time{})
	}
	c.by, c.wrote = by, false
	if c.timer == nil {
		c.timer = time.AfterFunc(longestConnect, c.expire)
	}
	c.timer.Reset(time.Until(by.deadline))
}

func (c *conn) expire() {
	c.mu.Lock()
	isLate := c.by != nil && !time.Now().Before(c.by.deadline)
	c.mu.Unlock()
	if isLate {
		_ = c.Close()
	}
}

// leave ends what take has begun, and reports whether any of the request was written or will be.
func (c *conn) leave(by *attempt) (wrote bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.by != by { // net/http has gone on with the connection
		return true
	}
	c.timer.Stop()
	c.by, c.refused = nil, !c.wrote
	return c.wrote
}

func (c *conn) Write(p []byte) (n int, err error) {
	c.mu.Lock()
	if c.refused {
		c.mu.Unlock()
		return 0, net.ErrClosed
	}
	c.wrote = true
	if c.state != status && c.state != fields {
		c.state, c.line = status, c.line[:0]
		if c.closes {
			c.closes = false
			_ = c.SetReadDeadline(time.Time{})
		}
	}
	c.mu.Unlock()
	n, err = c.guarded.Write(p)
	if errors.Is(err, safely.ErrPanicked) {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.panicked = true
	}
	return n, err
}

// hasPanicked reports whether a write has panicked. net/http takes that for nothing written.
func (c *conn) hasPanicked() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.panicked
}

func (c *conn) Read(p []byte) (n int, err error) {
	n, err = c.guarded.Read(p)
	if n <= 0 {
		return n, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	surplus := c.follow(p[:n])
	if surplus > 0 {
		clear(p[n-surplus : n])
		return n - surplus, io.EOF // net/http does not use the connection again
	}
	return n, err
}

// follow follows the answer and returns how many of the last bytes do not belong to it.
func (c *conn) follow(p []byte) (surplus int) {
	for len(p) > 0 {
		switch c.state {
		case quiet:
			return len(p)
		case opaque:
			return 0
		case sized, chunk:
			n := min(c.left, int64(len(p)))
			p = p[n:]
			c.passed(n)
		default:
			p = c.followLine(p)
		}
	}
	return 0
}

func (c *conn) passed(n int64) {
	switch c.left -= n; {
	case c.left > 0:
	case c.state == sized:
		c.complete()
	default:
		c.state = chunks
	}
}

// followLine reads a line, or keeps its begin, and returns what follows.
func (c *conn) followLine(p []byte) (rest []byte) {
	line, rest, isWhole := bytes.Cut(p, []byte("\n"))
	if len(c.line) > 0 {
		c.line = append(c.line, line...)
		line = c.line
	}
	switch {
	case c.state == status && !isHTTP(line), len(line) > maxHeaderBytes:
		c.state = opaque
	case isWhole:
		c.readLine(bytes.TrimSuffix(line, []byte("\r")))
		c.line = c.line[:0]
	case len(c.line) == 0:
		c.line = append(c.line, line...)
	}
	return rest
}

func isHTTP(line []byte) bool {
	const version = "HTTP/1."
	return string(line[:min(len(line), len(version))]) == version[:min(len(line), len(version))]
}

func (c *conn) readLine(line []byte) {
	switch c.state {
	case status:
		c.readStatus(line)
	case fields:
		c.readField(line)
	case chunks:
		c.readSize(line)
	case trailer:
		if len(line) == 0 {
			c.complete()
		}
	}
}

// readStatus reads the status line. Without more in the head, a body ends with the connection.
func (c *conn) readStatus(line []byte) {
	c.state, c.field, c.body, c.left, c.idle = fields, c.field[:0], opaque, 0, 0
	code := line[min(len(line), len("HTTP/1.1 ")):]
	switch {
	case bytes.HasPrefix(code, []byte("1")): // 100 Continue and the like: the answer follows
		c.body = status
	case bytes.HasPrefix(code, []byte("204")), bytes.HasPrefix(code, []byte("304")):
		c.body = quiet
	}
}

// readField reads a line of the head. One that begins with a space goes on with the field before.
func (c *conn) readField(line []byte) {
	if len(line) > 0 && (line[0] == ' ' || line[0] == '\t') {
		c.field = append(c.field, line...)
		return
	}
	c.endField()
	if len(line) > 0 {
		c.field = append(c.field[:0], line...)
		return
	}
	if c.state = c.body; c.state == quiet || c.state == sized && c.left <= 0 {
		c.complete()
	}
}

// endField reads the fields of a head that say when an answer, and when the connection, ends.
func (c *conn) endField() {
	name, value, _ := bytes.Cut(c.field, []byte(":"))
	value = bytes.TrimSpace(value)
	switch {
	case bytes.EqualFold(name, []byte("keep-alive")):
		_, timeout, _ := bytes.Cut(bytes.ToLower(value), []byte("timeout="))
		digits, _, _ := bytes.Cut(timeout, []byte(","))
		if n, err := strconv.Atoi(string(digits)); err == nil {
			c.idle = max(time.Duration(n)*time.Second, time.Millisecond)
		}
	case c.body == status, c.body == quiet: // there is no body, whatever the head says
	case bytes.EqualFold(name, []byte("transfer-encoding")):
		c.body = chunks
	case bytes.EqualFold(name, []byte("content-length")):
		if n, err := strconv.ParseInt(string(value), 10, 64); err == nil && c.body != chunks {
			c.body, c.left = sized, n
		}
	}
}

func (c *conn) readSize(line []byte) {
	if len(line) == 0 { // after the chunk before
		return
	}
	size, _, _ := bytes.Cut(line, []byte(";"))
	n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 62)
	switch {
	case err != nil:
		c.state = opaque
	case n == 0:
		c.state = trailer
	default:
		c.state, c.left = chunk, int64(n)
	}
}

// complete is called when the answer has come, before net/http knows it.
func (c *conn) complete() {
	c.state = quiet
	if c.idle > 0 && c.idle <= idleTimeout {
		c.closes = true
		_ = c.SetReadDeadline(time.Now().Add(max(c.idle/2, c.idle-time.Second)))
	}
}
