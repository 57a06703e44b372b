package vendorkit

import (
	"bytes"
	"context"
	"crypto/tls"
	"io"
	"net"
	"net/http/httptrace"
	"strconv"
	"sync"
	"time"

	"github.com/otp-sdk/otp-go/internal/safely"
)

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
	net.Conn

	connecting sync.Once // ends what begin has begun
	detach     func() bool

	mu     sync.Mutex
	state  state
	head   []byte        // of the answer, as far as it has come
	left   int64         // of its body
	idle   time.Duration // how long the server keeps the connection; 0 = not said
	closes bool          // a read deadline is set because of idle
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
	return safely.Value(func() (int, error) { return c.Conn.Write(p) })
}

func (c *conn) Read(p []byte) (n int, err error) {
	n, err = safely.Value(func() (int, error) { return c.Conn.Read(p) })
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

var (
	endOfHead   = []byte("\r\n\r\n")      //nolint:gochecknoglobals // nothing changes it
	endOfChunks = []byte("\r\n0\r\n\r\n") //nolint:gochecknoglobals // likewise
)

func (c *conn) readHead(p []byte) (surplus int) {
	c.head = append(c.head, p...)
	const prefix, status = "HTTP/1.", len("HTTP/1.1 ")
	if !bytes.HasPrefix(c.head, []byte(prefix)[:min(len(prefix), len(c.head))]) || len(c.head) > 2*maxHeaderBytes {
		c.state = opaque
		return 0
	}
	end := bytes.Index(c.head, endOfHead)
	if end < status {
		return 0
	}
	head, body := c.head[:end], c.head[end+len(endOfHead):]
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
		return c.readChunks(append([]byte("\r\n"), body...))
	default:
		return 0
	}
}

// readFields reads the two fields of a head that say when an answer ends, and the one that says when the
// connection does. Without the former the answer ends with the connection.
func (c *conn) readFields(head []byte) {
	c.state, c.idle = opaque, 0
	for line := range bytes.SplitSeq(head, []byte("\r\n")) {
		name, value, _ := bytes.Cut(line, []byte(":"))
		switch value = bytes.ToLower(bytes.TrimSpace(value)); string(bytes.ToLower(name)) {
		case "content-length":
			if n, err := strconv.ParseInt(string(value), 10, 64); err == nil && c.state != chunked {
				c.state, c.left = inBody, n
			}
		case "transfer-encoding":
			c.state = chunked
		case "keep-alive":
			_, timeout, _ := bytes.Cut(value, []byte("timeout="))
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

// readChunks finds the last chunk where it comes in one piece; else the next request ends the answer.
func (c *conn) readChunks(p []byte) (surplus int) {
	end := bytes.Index(p, endOfChunks)
	if end < 0 {
		return 0
	}
	c.complete()
	return len(p) - end - len(endOfChunks)
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
