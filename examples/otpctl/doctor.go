package main

import (
	"cmp"
	"context"
	"fmt"
	"text/tabwriter"

	"github.com/otp-sdk/otp-go/otp/otpconfig"
)

// doctor prints what otpconfig.Doctor finds.
func doctor(ctx context.Context, o *options, args []string) (err error) {
	request := o.request
	if len(args) > 0 {
		if request, err = o.to(args[0]); err != nil {
			return err
		}
	}
	config, provider, err := o.load()
	if err != nil {
		return err
	}
	ctx, cancel := o.within(ctx)
	defer cancel()
	table := tabwriter.NewWriter(o.out, 0, 0, 2, ' ', 0)
	fmt.Fprintln(table, "PROVIDER\tCHECK\tRESULT\tWHAT TO DO")
	for _, f := range (otpconfig.Doctor{Request: request}).Examine(ctx, config, provider) {
		fmt.Fprintf(table, "%s\t%s\t%s\t%s\n", cmp.Or(f.Provider, "-"), f.Check, f.Result, f.Text)
		if f.Result == otpconfig.ResultWrong || f.Result == otpconfig.ResultWarning {
			err = errFound
		}
	}
	if failed := table.Flush(); failed != nil {
		return failed
	}
	return err
}
