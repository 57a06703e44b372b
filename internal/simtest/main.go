package simtest

import (
	"testing"

	"go.uber.org/goleak"
)

// Main runs a package's tests and fails when they leave a goroutine behind. The one that is ignored
// ends by itself: net/http lets a connection linger for half a second after it refused a request.
func Main(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}
