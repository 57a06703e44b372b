package otpsim

import (
	"iter"
	"reflect"
)

// EachQuirk yields, for each boolean field of Q, a simulator's Quirks, its name and a Q in which
// that field alone is true. It panics if Q is no struct.
//
//	for name, quirks := range otpsim.EachQuirk[insidertest.Quirks]() { ... }
func EachQuirk[Q any]() iter.Seq2[string, Q] {
	return func(yield func(string, Q) bool) {
		kind := reflect.TypeFor[Q]()
		for i := range kind.NumField() {
			field := kind.Field(i)
			if field.Type.Kind() != reflect.Bool || !field.IsExported() {
				continue
			}
			var quirks Q
			reflect.ValueOf(&quirks).Elem().Field(i).SetBool(true)
			if !yield(field.Name, quirks) {
				return
			}
		}
	}
}
