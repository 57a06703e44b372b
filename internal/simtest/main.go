package simtest

import (
	"testing"

	"go.uber.org/goleak"
)

// Main runs a package's tests and fails when they leave a goroutine behind. It is for packages
// whose tests start servers: net/http lets a connection linger for half a second after it has
// refused a request, even once the server is closed, and that goroutine ends by itself.
func Main(m *testing.M) {
	goleak.VerifyTestMain(m, goleak.IgnoreAnyFunction("net/http.(*conn).closeWriteAndWait"))
}
