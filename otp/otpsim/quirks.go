package otpsim

import (
	"iter"
	"reflect"
)

// EachQuirk runs through the boolean fields of Q, a simulator's struct of Quirks: it yields each
// field's name, and a Q in which that field alone is true. A test that runs a client against each
// is complete also when a field is added. It panics if Q is no struct.
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
