package main

import (
	"bufio"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"

	"github.com/otp-sdk/otp-go/otp"
)

// send prints the handle even when the outcome is unknown: the person may hold a code, and can try
// it.
func send(ctx context.Context, o *options, args []string) error {
	request, provider, err := o.requestTo(args[0])
	if err != nil {
		return err
	}
	v, err := o.send(ctx, provider, request)
	if v.IsZero() {
		return err
	}
	return errors.Join(err, json.NewEncoder(o.out).Encode(v))
}

// requestTo is the request of the flags to a number, and who would take it.
func (o *options) requestTo(number string) (request otp.SendRequest, provider otp.Provider, err error) {
	if request, err = o.to(number); err == nil {
		_, provider, err = o.load()
	}
	return request, provider, err
}

func verify(ctx context.Context, o *options, args []string) error {
	v, err := o.readHandle(args[0], len(args) > 1)
	if err != nil {
		return err
	}
	_, provider, err := o.load()
	if err != nil {
		return err
	}
	code := ""
	if len(args) > 1 {
		code = args[1]
	} else if code, err = o.ask(ctx, "code: "); err != nil {
		return err
	}
	return o.verify(ctx, provider, v, code)
}

func (o *options) send(ctx context.Context, p otp.Provider, request otp.SendRequest) (otp.Verification, error) {
	ctx, cancel := o.within(ctx)
	defer cancel()
	v, err := p.Send(ctx, request)
	if err == nil {
		fmt.Fprintln(o.notes, "sent:", v)
	}
	return v, err
}

func (o *options) verify(ctx context.Context, p otp.Provider, v otp.Verification, code string) error {
	ctx, cancel := o.within(ctx)
	defer cancel()
	err := p.Verify(ctx, v, code)
	if err == nil {
		fmt.Fprintln(o.notes, "verified:", v)
	}
	return err
}

// readHandle reads what send has printed. Errors do not show what was read.
func (c console) readHandle(path string, hasCode bool) (v otp.Verification, err error) {
	in := c.in
	switch {
	case path == "-" && !hasCode:
		return v, usageError("with a handle from the standard input, the code has to be given, too")
	case path != "-":
		file, openErr := os.Open(path) //nolint:gosec // it is for reading what the caller names
		if openErr != nil {
			return v, usageError("the handle cannot be read: " + openErr.Error())
		}
		defer file.Close() //nolint:errcheck // it was only read
		in = file
	}
	data, err := io.ReadAll(io.LimitReader(in, 64<<10)) // more than any handle needs
	if err != nil || json.Unmarshal(data, &v) != nil || v.Provider == "" {
		return v, usageError("the handle is not what send has printed")
	}
	return v, nil
}

// ask reads one line. Nothing ends a read from a terminal, so it goes on behind when ctx ends.
func (c console) ask(ctx context.Context, question string) (string, error) {
	fmt.Fprint(c.notes, question)
	typed := make(chan string, 1)
	go func() {
		defer close(typed)
		if lines := bufio.NewScanner(c.in); lines.Scan() {
			typed <- lines.Text()
		}
	}()
	select {
	case line, ok := <-typed:
		if !ok {
			return "", usageError("no code was typed")
		}
		return line, nil
	case <-ctx.Done():
		return "", ctx.Err()
	}
}
