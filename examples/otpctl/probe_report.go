package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"

	"github.com/otp-sdk/otp-go/otp"
)

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
		body, _ := json.Marshal(p.call.Body) // of constants
		text += " " + string(body)
	}
	digits := strings.TrimPrefix(probedNumber, "+")
	return strings.NewReplacer(probedNumber, otp.Mask(probedNumber), digits, otp.Mask(digits)).Replace(text)
}

// run makes all probes, here and there, and reports whether anything differs.
func (s suite) run(ctx context.Context, o *options) (drift bool) {
	fmt.Fprintf(o.out, "\n%s (%s)\n", s.vendor.Name(), s.vendor.Capabilities().Vendor)
	count := 0
	for i, p := range s.atVendor {
		theirs, ours := o.probe(ctx, s.vendor, p), o.probe(ctx, s.simulator, s.atOurs[i])
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

func (a answer) String() string {
	if a.err != nil {
		return "no answer: " + a.err.Error()
	}
	text := fmt.Sprint(a.status, " ", a.header)
	for _, path := range slices.Sorted(maps.Keys(a.body)) {
		text += strings.TrimSuffix(" "+path+": ", " : ") + a.body[path]
	}
	return text
}

func compare(vendor, simulator answer) (differences []string) {
	differ := func(what string, theirs, ours any) {
		if theirs != ours {
			differences = append(differences, fmt.Sprintf("%s: vendor %v, simulator %v", what, theirs, ours))
		}
	}
	if vendor.err != nil || simulator.err != nil {
		return []string{"there is no answer to compare"}
	}
	if vendor.status == http.StatusTooManyRequests && simulator.status != vendor.status {
		return []string{"the vendor limits how often it is asked; probe again later"}
	}
	differ("status", vendor.status, simulator.status)
	differ("header", vendor.header, simulator.header)
	all := maps.Clone(vendor.body)
	maps.Copy(all, simulator.body)
	for _, path := range slices.Sorted(maps.Keys(all)) {
		theirs, ours := cmp.Or(vendor.body[path], "has none"), cmp.Or(simulator.body[path], "has none")
		differ(strings.TrimSpace("body "+path), theirs, ours)
	}
	return differences
}
