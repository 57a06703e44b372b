package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"sync/atomic"
	"time"
)

// What this program is started as by itself: the first of its arguments.
const (
	asServer   = "-as-server"    // the vendor
	asInFlight = "-as-in-flight" // one measurement of memory, which wants a process of its own
)

// runChild reports whether args ask for a part that this program plays in a process of its own, and plays it.
func runChild(args []string, in io.Reader, out io.Writer) (isChild bool, err error) {
	switch {
	case len(args) == 1 && args[0] == asServer:
		return true, serve(in, out)
	case len(args) == 3 && args[0] == asInFlight:
		return true, reportInFlight(args[1], args[2], out)
	default:
		return false, nil
	}
}

// command starts this program once more. It is ended with ctx, if it has not ended before.
func command(ctx context.Context, args ...string) (*exec.Cmd, error) {
	self, err := os.Executable()
	if err != nil {
		return nil, err
	}
	cmd := exec.CommandContext(ctx, self, args...) //nolint:gosec // it is this program
	cmd.Stderr = os.Stderr
	return cmd, nil
}

// What a server is told, one to a line. It answers each with a number on a line.
const (
	tellHold        = "hold"        // hold every answer from now on
	tellRelease     = "release"     // let all of them go
	tellArrived     = "arrived"     // how many requests have arrived?
	tellConnections = "connections" // how many connections were there?
)

// serve is the vendor's part: all vendors at once, on loopback. It first says where it listens, and ends with its
// input, which is when its parent ends.
func serve(in io.Reader, out io.Writer) error {
	listener, err := net.Listen("tcp", "127.0.0.1:0") //nolint:noctx // it ends with the process
	if err != nil {
		return err
	}
	var arrived, connections atomic.Int64
	var hold atomic.Bool
	release := make(chan struct{})

	mux := http.NewServeMux()
	for _, v := range vendors() {
		answer, length := []byte(v.answer), strconv.Itoa(len(v.answer))
		mux.HandleFunc("POST "+v.path, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // what it asks does not matter
			arrived.Add(1)
			if hold.Load() {
				<-release
			}
			w.Header().Set("Content-Type", "application/json")
			w.Header().Set("Content-Length", length)
			w.WriteHeader(v.status)
			_, _ = w.Write(answer) // the client will tell
		})
	}
	server := &http.Server{
		Handler: mux, ReadHeaderTimeout: time.Minute,
		ConnState: func(_ net.Conn, state http.ConnState) {
			if state == http.StateNew {
				connections.Add(1)
			}
		},
	}
	go server.Serve(listener) //nolint:errcheck // it ends with the process
	if _, err := fmt.Fprintln(out, "http://"+listener.Addr().String()); err != nil {
		return err
	}

	told := bufio.NewScanner(in)
	for told.Scan() {
		var n int64
		switch told.Text() {
		case tellHold:
			hold.Store(true)
		case tellRelease:
			hold.Store(false)
			close(release)
		case tellArrived:
			n = arrived.Load()
		case tellConnections:
			n = connections.Load()
		}
		if _, err := fmt.Fprintln(out, n); err != nil {
			return err
		}
	}
	return server.Close()
}

// server is a vendor in another process.
type server struct {
	url    string
	cmd    *exec.Cmd
	in     io.WriteCloser
	answer *bufio.Reader
}

func startServer(ctx context.Context) (*server, error) {
	cmd, err := command(ctx, asServer)
	if err != nil {
		return nil, err
	}
	in, err := cmd.StdinPipe()
	if err != nil {
		return nil, err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if err = cmd.Start(); err != nil {
		return nil, err
	}
	s := &server{cmd: cmd, in: in, answer: bufio.NewReader(out)}
	if s.url, err = s.line(); err != nil {
		return nil, errors.Join(err, s.stop())
	}
	return s, nil
}

func (s *server) line() (string, error) {
	line, err := s.answer.ReadString('\n')
	if err != nil {
		return "", fmt.Errorf("the server has ended: %w", err)
	}
	return strings.TrimSpace(line), nil
}

// tell gives the server a command and returns its answer.
func (s *server) tell(what string) (int, error) {
	if _, err := fmt.Fprintln(s.in, what); err != nil {
		return 0, err
	}
	line, err := s.line()
	if err != nil {
		return 0, err
	}
	return strconv.Atoi(line)
}

// stop ends the server and all its connections.
func (s *server) stop() error {
	_ = s.in.Close() // whatever it says, the server has ended when Wait returns
	return s.cmd.Wait()
}
