package vendorkit

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http/httptrace"
	"regexp"
	"strconv"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
)

// guarded is a connection that may be one from outside. net/http and crypto/tls call it on goroutines of
// their own, where a panic ends the process.
type guarded struct{ net.Conn }

// NetConn is the connection inside, as with a tls.Conn: who traces a call finds its encryption there.
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

// conn is a connection of ours. It closes itself where net/http would do harm:
//
//   - A server that sends more than its answer: net/http prints the rest, which may hold a code, to
//     standard error, or takes it for the answer to the next request.
//   - A server that has announced when it closes an idle connection: a request that is written at that
//     moment has an unknown outcome.
//   - A proxy that takes the connection and says nothing: net/http waits for it for a minute.
//
// Bytes that are not HTTP, as of TLS through a proxy, pass as they are.
type conn struct {
	guarded

	connecting sync.Once // ends what begin has begun
	detach     func() bool

	mu     sync.Mutex
	state  state
	head   []byte        // of the answer, as far as it has come
	left   int64         // of its body, or of a chunk
	idle   time.Duration // how long the server keeps the connection; 0 = not said
	closes bool          // a read deadline is set because of idle

	line      []byte // between chunks
	lastChunk bool   // has come, and the trailer follows
}

type state int8

const (
	quiet   state = iota // no request is under way: whatever comes is unsolicited
	inHead               // a request is written
	inBody               // of known length
	chunked              // of unknown length
	opaque               // not HTTP
)

// begin closes the connection at until, or when the attempt ends, unless it is connected by then.
func (c *conn) begin(attempt context.Context, until time.Time) {
	_ = c.SetDeadline(until)
	c.detach = context.AfterFunc(attempt, func() { _ = c.Close() })
}

// connected is called when a request gets its connection.
func connected(info httptrace.GotConnInfo) {
	got := info.Conn
	if secure, ok := got.(*tls.Conn); ok { // through a proxy
		got = secure.NetConn()
	}
	c, ok := got.(*conn)
	if !ok || c.detach == nil {
		return
	}
	c.connecting.Do(func() {
		c.detach()
		_ = c.SetDeadline(time.Time{})
	})
}

func (c *conn) Write(p []byte) (n int, err error) {
	c.mu.Lock()
	if c.state != inHead {
		c.state, c.head = inHead, c.head[:0]
		if c.closes {
			c.closes = false
			_ = c.SetReadDeadline(time.Time{})
		}
	}
	c.mu.Unlock()
	return c.guarded.Write(p)
}

func (c *conn) Read(p []byte) (n int, err error) {
	n, err = c.guarded.Read(p)
	if n <= 0 {
		return n, err
	}
	c.mu.Lock()
	defer c.mu.Unlock()
	surplus := c.read(p[:n])
	if surplus > 0 {
		clear(p[n-surplus : n])
		return n - surplus, io.EOF // net/http does not use the connection again
	}
	return n, err
}

// read follows the answer and returns how many of the last bytes do not belong to it.
func (c *conn) read(p []byte) (surplus int) {
	switch c.state {
	case quiet:
		return len(p)
	case inHead:
		return c.readHead(p)
	case inBody:
		return c.readBody(int64(len(p)))
	case chunked:
		return c.readChunks(p)
	default:
		return 0
	}
}

// net/http takes lines without a carriage return, and lines that go on in the next one, as well.
var (
	endOfHead = regexp.MustCompile(`\n\r?\n`)
	goesOn    = regexp.MustCompile(`\n[ \t]`)
)

func (c *conn) readHead(p []byte) (surplus int) {
	c.head = append(c.head, p...)
	const prefix, status = "HTTP/1.", len("HTTP/1.1 ")
	if !bytes.HasPrefix(c.head, []byte(prefix)[:min(len(prefix), len(c.head))]) || len(c.head) > 2*maxHeaderBytes {
		c.state = opaque
		return 0
	}
	end := endOfHead.FindIndex(c.head)
	if end == nil || end[0] < status {
		return 0
	}
	head, body := c.head[:end[0]], c.head[end[1]:]
	defer clear(body)        // of the copy
	if head[status] == '1' { // 100 Continue and the like: the answer follows
		rest := bytes.Clone(body)
		c.head = c.head[:0]
		return c.readHead(rest)
	}
	c.readFields(head)
	if s := head[status:]; bytes.HasPrefix(s, []byte("204")) || bytes.HasPrefix(s, []byte("304")) {
		c.state, c.left = inBody, 0
	}
	switch c.state {
	case inBody:
		return c.readBody(int64(len(body)))
	case chunked:
		c.left, c.line, c.lastChunk = 0, c.line[:0], false
		return c.readChunks(body)
	default:
		return 0
	}
}

// readFields reads the two fields of a head that say when an answer ends, and the one that says when the
// connection does. Without the former the answer ends with the connection.
func (c *conn) readFields(head []byte) {
	c.state, c.idle = opaque, 0
	if goesOn.Match(head) {
		head = goesOn.ReplaceAllLiteral(head, nil)
	}
	for line := range bytes.SplitSeq(head, []byte("\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch {
		case bytes.EqualFold(name, []byte("content-length")):
			if n, err := strconv.ParseInt(string(bytes.TrimSpace(value)), 10, 64); err == nil && c.state != chunked {
				c.state, c.left = inBody, n
			}
		case bytes.EqualFold(name, []byte("transfer-encoding")):
			c.state = chunked
		case bytes.EqualFold(name, []byte("keep-alive")):
			_, timeout, _ := bytes.Cut(bytes.ToLower(bytes.TrimSpace(value)), []byte("timeout="))
			digits, _, _ := bytes.Cut(timeout, []byte(","))
			if n, err := strconv.Atoi(string(digits)); err == nil {
				c.idle = max(time.Duration(n)*time.Second, time.Millisecond)
			}
		}
	}
}

func (c *conn) readBody(n int64) (surplus int) {
	if n < c.left {
		c.left -= n
		return 0
	}
	surplus = int(n - c.left)
	c.complete()
	return surplus
}

// readChunks follows the chunks and the trailer after the last one, however they come.
func (c *conn) readChunks(p []byte) (surplus int) {
	for len(p) > 0 {
		if c.left > 0 {
			n := min(c.left, int64(len(p)))
			c.left, p = c.left-n, p[n:]
			continue
		}
		line, rest, whole := bytes.Cut(p, []byte("\n"))
		c.line, p = append(c.line, line...), rest
		if !whole {
			break
		}
		if c.readLine(bytes.TrimRight(c.line, "\r")); c.state != chunked {
			return len(p)
		}
		c.line = c.line[:0]
	}
	if len(c.line) > maxHeaderBytes {
		c.state = opaque
	}
	return 0
}

// readLine reads the size of a chunk, or a line of the trailer, which an empty one ends.
func (c *conn) readLine(line []byte) {
	if c.lastChunk {
		if len(line) == 0 {
			c.complete()
		}
		return
	}
	size, _, _ := bytes.Cut(line, []byte(";"))
	n, err := strconv.ParseUint(string(bytes.TrimSpace(size)), 16, 62)
	switch c.lastChunk = n == 0; {
	case err != nil:
		c.state = opaque
	case n > 0:
		c.left = int64(n) + int64(len("\r\n"))
	}
}

// complete is called when the answer has come, before net/http knows it. The connection is given up well
// before the server closes it.
func (c *conn) complete() {
	c.state = quiet
	if c.idle > 0 && c.idle <= idleTimeout {
		c.closes = true
		_ = c.SetReadDeadline(time.Now().Add(max(c.idle/2, c.idle-time.Second)))
	}
}
