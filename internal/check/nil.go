package check

import "reflect"

// IsNil reports whether v is nil, or a nil pointer or the like in an interface.
func IsNil[T any](v T) bool {
	switch v := reflect.ValueOf(v); v.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Map, reflect.Slice, reflect.Func, reflect.Chan:
		return v.IsNil()
	default:
		return false
	}
}
