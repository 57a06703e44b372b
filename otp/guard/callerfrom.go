package guard

import "context"

// CallerFrom returns what [WithCaller] has put into a context, for providers that bind a code to
// its [Caller.Purpose]. Without one it is the zero Caller.
func CallerFrom(ctx context.Context) Caller { return callerFrom(ctx) }
