package httpcall

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
)

// maxBody bounds an answer, decompressed where the transport decompresses.
const maxBody = 1 << 20

var (
	errBodyTooLong = errors.New("the answer is longer than 1 MiB")
	errPanicked    = errors.New("what the client was given panicked")
)

// readBody reads the body of a response to its end and closes it. The body may be one from outside, which panics or has
// nothing to say for ever.
func (x *exchange) readBody(ctx context.Context, into *bytes.Buffer, resp *http.Response) (err error) {
	defer noPanic(&err)
	if resp.Body == nil { // a foreign RoundTripper
		return nil
	}
	defer resp.Body.Close() //nolint:errcheck // what there was to read has been read
	if resp.StatusCode == http.StatusSwitchingProtocols {
		return nil // the "body" is the connection itself, which no context ends
	}
	x.limited = io.LimitedReader{R: body{ctx, resp.Body}, N: maxBody + 1}
	_, err = into.ReadFrom(&x.limited)
	if err == nil && into.Len() > maxBody {
		return errBodyTooLong
	}
	return err
}

// body is a body that ends with its attempt, also if it keeps reading nothing.
type body struct {
	ctx context.Context
	r   io.Reader
}

func (b body) Read(p []byte) (int, error) {
	n, err := b.r.Read(p)
	if n == 0 && err == nil {
		err = b.ctx.Err()
	}
	return n, err
}

// noPanic is deferred around what a caller has brought, and makes an error of a panic in it.
func noPanic(err *error) {
	if recover() != nil { // what it holds may be secret
		*err = errPanicked
	}
}

// keptBuffer is the size up to which a buffer is kept for the next answer.
const keptBuffer = 64 << 10

func (c *Client) buffer() *bytes.Buffer {
	if b, ok := c.buffers.Get().(*bytes.Buffer); ok {
		return b
	}
	return bytes.NewBuffer(make([]byte, 0, 1<<10))
}

// recycle wipes a buffer, which may hold a code, and keeps it.
func (c *Client) recycle(b *bytes.Buffer) {
	if b.Cap() > keptBuffer {
		return
	}
	clear(b.Bytes())
	b.Reset()
	c.buffers.Put(b)
}
