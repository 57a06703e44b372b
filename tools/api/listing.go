package main

import (
	"fmt"
	"go/types"
	"slices"
	"strings"
)

const module = "github.com/otp-sdk/otp-go/"

// listing gives the exported declarations of a package, one in a line, sorted.
func listing(p *types.Package) []string {
	l := lines{pkg: p}
	for _, name := range p.Scope().Names() {
		if object := p.Scope().Lookup(name); object.Exported() {
			l.declaration(object)
		}
	}
	slices.Sort(l.lines)
	return l.lines
}

type lines struct {
	pkg   *types.Package
	lines []string
}

func (l *lines) add(format string, args ...any) {
	l.lines = append(l.lines, fmt.Sprintf(format, args...))
}

// text names a type of another package by its whole path, because two packages may have the same name.
func (l *lines) text(t types.Type) string {
	return types.TypeString(t, func(p *types.Package) string {
		if p == l.pkg {
			return ""
		}
		return strings.TrimPrefix(p.Path(), module)
	})
}

// typed is empty for a constant that has no type of its own.
func (l *lines) typed(t types.Type) string {
	if b, ok := t.(*types.Basic); ok && b.Info()&types.IsUntyped != 0 {
		return ""
	}
	return l.text(t)
}

// signature is what follows the name of a function.
func (l *lines) signature(t types.Type) string { return strings.TrimPrefix(l.text(t), "func") }

func (l *lines) declaration(object types.Object) {
	switch o := object.(type) {
	case *types.Const:
		l.add("const %s = %s", strings.TrimSpace(o.Name()+" "+l.typed(o.Type())), o.Val().ExactString())
	case *types.Var:
		l.add("var %s %s", o.Name(), l.text(o.Type()))
	case *types.Func:
		l.add("func %s%s", o.Name(), l.signature(o.Type()))
	case *types.TypeName:
		l.typeName(o)
	}
}

func (l *lines) typeName(o *types.TypeName) {
	named, isNamed := types.Unalias(o.Type()).(*types.Named)
	switch {
	case !o.IsAlias() && isNamed:
		head := "type " + l.text(named) // with its type parameters
		l.named(head, head, named)
	case isNamed && hidden(named):
		head := "type " + o.Name()
		l.named(head, head+" = "+l.text(named), named)
	default:
		l.add("type %s = %s", o.Name(), l.text(types.Unalias(o.Type())))
	}
}

// hidden tells whether a type is one of an internal package, which has no listing: an alias exports it all the same.
func hidden(named *types.Named) bool {
	p := named.Obj().Pkg()
	return p != nil && strings.HasPrefix(p.Path(), module) && slices.Contains(strings.Split(p.Path(), "/"), "internal")
}

// named lists a type and its members. The first line tells more about the type than the others repeat.
func (l *lines) named(head, first string, named *types.Named) {
	switch u := named.Underlying().(type) {
	case *types.Struct:
		if types.Comparable(u) || named.TypeParams().Len() > 0 { // with parameters, that is up to them
			l.add("%s struct", first)
		} else {
			l.add("%s struct, not comparable", first)
		}
		l.fields(head, u)
	case *types.Interface:
		l.add("%s interface", first)
		l.interfaceMembers(head, u)
	default:
		l.add("%s %s", first, l.text(u))
	}
	l.methods(head, named)
}

func (l *lines) fields(head string, s *types.Struct) {
	for i := range s.NumFields() {
		f := s.Field(i)
		if !f.Exported() {
			continue
		}
		declared := f.Name() + " " + l.text(f.Type())
		if f.Embedded() {
			declared = "embedded " + l.text(f.Type())
		}
		if tag := s.Tag(i); tag != "" {
			declared += " `" + tag + "`"
		}
		l.add("%s, field %s", head, declared)
	}
}

func (l *lines) interfaceMembers(head string, i *types.Interface) {
	for e := range i.EmbeddedTypes() {
		l.add("%s, embedded %s", head, l.text(e))
	}
	sealed := false
	for m := range i.ExplicitMethods() {
		if m.Exported() {
			l.add("%s, method %s%s", head, m.Name(), l.signature(m.Type()))
		}
		sealed = sealed || !m.Exported()
	}
	if sealed {
		l.add("%s, unexported methods", head)
	}
}

// methods lists the methods of a value and of a pointer, but for those that an exported embedded field brings along: the
// field has a line of its own, and its methods may change with the Go version.
func (l *lines) methods(head string, named *types.Named) {
	if types.IsInterface(named) {
		return
	}
	ofValue := types.NewMethodSet(named)
	for s := range types.NewMethodSet(types.NewPointer(named)).Methods() {
		if !s.Obj().Exported() || ofField(named, s.Index()) {
			continue
		}
		receiver := ""
		if ofValue.Lookup(s.Obj().Pkg(), s.Obj().Name()) == nil {
			receiver = "(*) "
		}
		l.add("%s, method %s%s%s", head, receiver, s.Obj().Name(), l.signature(s.Type()))
	}
}

// ofField tells whether the way to a method leads through an exported embedded field.
func ofField(named *types.Named, way []int) bool {
	s, ok := named.Underlying().(*types.Struct)
	return ok && len(way) > 1 && s.Field(way[0]).Exported()
}
