// Package doubt carries a guard's doubts about a send to the routers behind it.
package doubt

import "context"

type key struct{}

// With returns a context whose send is doubtful: a rule had something against it.
func With(ctx context.Context) context.Context { return context.WithValue(ctx, key{}, true) }

// Is reports whether the send of ctx is doubtful.
func Is(ctx context.Context) bool { return ctx.Value(key{}) != nil }
