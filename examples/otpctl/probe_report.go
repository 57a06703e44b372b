package main

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

// announce says what will be sent, before it is.
func (s suite) announce(o *options) {
	fmt.Fprintf(o.notes, "Requests to %s, none of which texts anybody:\n", s.vendor)
	for i, p := range s.atVendor {
		fmt.Fprintf(o.notes, "%3d  %s: %s\n     %s\n", i+1, p.name, p.safe, p.request())
	}
}

// request is what goes out, with a template for a path and a masked number.
func (p probe) request() string {
	method := p.call.Method
	if method == "" {
		method = "POST"
	}
	text := method + " " + p.call.Path
	if p.call.Body != nil {
		text += " " + inline(p.call.Body)
	}
	digits := strings.TrimPrefix(probedNumber, "+")
	return strings.NewReplacer(probedNumber, otp.Mask(probedNumber), digits, otp.Mask(digits)).Replace(text)
}

// run makes all probes, here and there, and reports whether anything differs.
func (s suite) run(ctx context.Context, o *options) (drift bool) {
	fmt.Fprintf(o.out, "\n%s (%s)\n", s.vendor.Name(), s.vendor.Capabilities().Vendor)
	count := 0
	for i, p := range s.atVendor {
		theirs, ours := ask(ctx, s.vendor, p), ask(ctx, s.simulator, s.atOurs[i])
		differences := compare(theirs, ours)
		result := "same"
		if len(differences) > 0 {
			result = "DRIFT"
			count++
		}
		fmt.Fprintf(o.out, "\n%-5s %s\n      %s\n      vendor:    %s\n      simulator: %s\n", result, p.name, p.request(), theirs, ours)
		for _, difference := range differences {
			fmt.Fprintf(o.out, "      -> %s\n", difference)
		}
		if theirs.err != nil {
			fmt.Fprintf(o.out, "\n%s: the other probes were left out\n", s.vendor.Name())
			return true
		}
	}
	fmt.Fprintf(o.out, "\n%s: %d probes, %d with a difference\n", s.vendor.Name(), len(s.atVendor), count)
	return count > 0
}

// String is the answer on one line.
func (a answer) String() string {
	if a.err != nil {
		return "no answer: " + a.err.Error()
	}
	body, isText := a.body.(string)
	if !isText {
		body = inline(a.body)
	}
	return strings.Join(strings.Fields(fmt.Sprint(a.status, " ", a.header, " ", body)), " ")
}

func inline(value any) string {
	text, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(text)
}

// compare says in what the vendor's answer differs from the simulator's.
func compare(vendor, simulator answer) (differences []string) {
	differ := func(what string, theirs, ours any) {
		if theirs != ours {
			differences = append(differences, fmt.Sprintf("%s: vendor %v, simulator %v", what, theirs, ours))
		}
	}
	if vendor.err != nil || simulator.err != nil {
		return []string{"there is no answer to compare"}
	}
	differ("status", vendor.status, simulator.status)
	differ("header", vendor.header, simulator.header)
	theirs, ours := members(vendor.body), members(simulator.body)
	all := maps.Clone(theirs)
	maps.Copy(all, ours)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		there, inVendor := theirs[path]
		here, inSimulator := ours[path]
		switch {
		case !inVendor:
			there = "has none"
		case !inSimulator:
			here = "has none"
		}
		differ(path, there, here)
	}
	return differences
}

// members are the values of a JSON value by their path, "body.errors[0].message".
func members(value any) map[string]string {
	found := make(map[string]string)
	addMembers(found, "body", value)
	return found
}

func addMembers(found map[string]string, path string, value any) {
	switch value := value.(type) {
	case map[string]any:
		for name, member := range value {
			addMembers(found, path+"."+name, member)
		}
		if len(value) == 0 {
			found[path] = "{}"
		}
	case []any:
		for i, item := range value {
			addMembers(found, fmt.Sprintf("%s[%d]", path, i), item)
		}
		if len(value) == 0 {
			found[path] = "[]"
		}
	default:
		found[path] = inline(value) // the type shows: 1 is not "1"
	}
}
