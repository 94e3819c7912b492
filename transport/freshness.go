package transport

import "context"

type freshKey struct{}

// Fresh returns a context under which reads are answered by the target
// itself, never from a cache: for a value that is read twice to see whether
// it moves, or again because the first reading was torn.
func Fresh(ctx context.Context) context.Context {
	return context.WithValue(ctx, freshKey{}, true)
}

// IsFresh reports whether ctx comes from [Fresh].
func IsFresh(ctx context.Context) bool {
	fresh, _ := ctx.Value(freshKey{}).(bool)
	return fresh
}
