package faults_test

import (
	"bytes"
	"flag"
	"log"
	"sync"
	"testing"

	"github.com/otp-sdk/otp-go/internal/simtest"
)

var update = flag.Bool("update", false, "write what was measured into docs/reliability.md")

func TestMain(m *testing.M) {
	log.SetOutput(&standardLog)
	_ = flag.Set("test.parallel", "16") // the tests wait for time-outs more than they work; the command line goes before
	simtest.Main(m)
}

// standardLog takes what anything in the process logs without having been given a logger, net/http above all.
var standardLog lines

// lines is a log that many goroutines write to.
type lines struct {
	mu   sync.Mutex
	text bytes.Buffer
}

func (l *lines) Write(b []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.Write(b)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.text.String()
}
