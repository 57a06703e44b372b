package faults_test

import (
	"crypto/tls"
	"io"
)

// resetOverHTTP2 reads requests to their last byte and resets them. In HTTP/2 it says REFUSED_STREAM, which net/http takes
// for leave to send them again by itself. A client that does not ask for HTTP/2 gets HTTP/1.1 and a reset connection.
func resetOverHTTP2(c *connection) {
	config := rightCertificate().Clone()
	config.NextProtos = []string{"h2", "http/1.1"}
	c.secure(config)
	conn := c.Conn.(*tls.Conn)
	switch err := conn.Handshake(); {
	case err != nil:
	case conn.ConnectionState().NegotiatedProtocol == "h2":
		c.refuseStreams()
	default:
		resetAfterReading(c)
	}
}

// The few parts of HTTP/2 that it takes to be asked something.
const (
	prefaceLength     = 24
	frameHeaderLength = 9

	frameData, frameReset, frameSettings = 0, 3, 4

	flagEnd, flagAcknowledged = 1, 1

	codeRefusedStream = 7
)

func (c *connection) refuseStreams() {
	if _, err := io.CopyN(io.Discard, c.reader, prefaceLength); err != nil {
		return
	}
	c.write(string([]byte{0, 0, 0, frameSettings, 0, 0, 0, 0, 0}))
	for {
		var frame [frameHeaderLength]byte
		if _, err := io.ReadFull(c.reader, frame[:]); err != nil {
			return
		}
		length := int64(frame[0])<<16 | int64(frame[1])<<8 | int64(frame[2])
		if _, err := io.CopyN(io.Discard, c.reader, length); err != nil {
			return
		}
		switch kind, flags, stream := frame[3], frame[4], frame[5:]; {
		case kind == frameData && flags&flagEnd != 0:
			c.server.taken.Add(1)
			c.write(string([]byte{0, 0, 4, frameReset, 0}) + string(stream) + string([]byte{0, 0, 0, codeRefusedStream}))
		case kind == frameSettings && flags&flagAcknowledged == 0:
			c.write(string([]byte{0, 0, 0, frameSettings, flagAcknowledged, 0, 0, 0, 0}))
		}
	}
}
