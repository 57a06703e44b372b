package bench

import (
	"bufio"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"
	"go.uber.org/goleak"
)

// asVendor is the variable that makes this program a vendor: the number of requests that it
// collects before it answers them. 0 means that it answers at once.
const asVendor = "BENCH_VENDOR_COLLECTS"

func TestMain(m *testing.M) {
	switch n, err := strconv.Atoi(os.Getenv(asVendor)); {
	case err != nil:
		goleak.VerifyTestMain(m)
	case n == 0:
		answer()
	default:
		collect(n)
	}
}

// child is a vendor in another process, so that neither its memory nor its files count as ours.
type child struct {
	url string
	out *bufio.Reader
	in  io.Closer
	cmd *exec.Cmd
}

func start(tb testing.TB, collects int) child {
	tb.Helper()
	cmd := exec.Command(os.Args[0])
	cmd.Env = append(os.Environ(), fmt.Sprintf("%s=%d", asVendor, collects))
	in, err := cmd.StdinPipe()
	require.NoError(tb, err)
	out, err := cmd.StdoutPipe()
	require.NoError(tb, err)
	require.NoError(tb, cmd.Start())
	c := child{out: bufio.NewReader(out), in: in, cmd: cmd}
	url, err := c.out.ReadString('\n')
	require.NoError(tb, err)
	c.url = strings.TrimSpace(url)
	return c
}

// end closes the child's input, which ends it.
func (c child) end(tb testing.TB) {
	tb.Helper()
	require.NoError(tb, c.in.Close())
	require.NoError(tb, c.cmd.Wait())
}

// answer is the child that answers at once, until its input ends.
func answer() {
	server := httptest.NewServer(allVendors())
	fmt.Println(server.URL)
	_, err := io.Copy(io.Discard, os.Stdin)
	exitOn(err)
}

func allVendors() http.Handler {
	mux := http.NewServeMux()
	for _, v := range vendors() {
		mux.HandleFunc(v.send.method+" "+v.send.path, func(w http.ResponseWriter, r *http.Request) {
			_, _ = io.Copy(io.Discard, r.Body) // the client reports what goes wrong
			w.Header().Set("Content-Type", "application/json")
			w.WriteHeader(v.send.status)
			_, _ = io.WriteString(w, v.send.answer)
		})
	}
	return mux
}

// collect is the child that prints a byte for each of n requests, and answers all when its input
// ends.
func collect(n int) {
	listener, err := net.Listen("tcp", "127.0.0.1:0")
	exitOn(err)
	fmt.Printf("http://%s\n", listener.Addr())
	conns := make([]net.Conn, n)
	for i := range conns {
		conns[i], err = listener.Accept()
		exitOn(err)
		req, bad := http.ReadRequest(bufio.NewReader(conns[i]))
		exitOn(bad)
		_, err = io.Copy(io.Discard, req.Body)
		exitOn(err)
		fmt.Print(".")
	}
	_, err = io.Copy(io.Discard, os.Stdin)
	exitOn(err)
	e := theInsider().send
	for _, conn := range conns {
		_, err = fmt.Fprintf(conn, "HTTP/1.1 %d Accepted\r\nContent-Length: %d\r\n\r\n%s", e.status, len(e.answer), e.answer)
		exitOn(err)
		exitOn(conn.Close())
	}
}

func exitOn(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}
