package faults_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/internal/simtest"
	"github.com/otp-sdk/otp-go/otp"
)

// checkSecrets looks for the canaries in everything that a program may print. The code is one of them in any case: it may
// stand in a success of the vendor's.
func (x *trial) checkSecrets(t *testing.T) {
	t.Helper()
	shown := map[string]string{"the log": x.log.String()}
	for i, err := range tree(x.err) {
		for form, text := range simtest.PrintedDeep(err) {
			shown[fmt.Sprintf("error %d %s", i, form)] = text
		}
	}
	for form, text := range printedVerification(x.verification) {
		shown["verification "+form] = text
	}
	for where, text := range shown {
		for _, secret := range append([]string{code}, x.call.secrets...) {
			assert.NotContains(t, text, secret, where)
		}
	}
	assert.NotContains(t, x.log.String(), reference, "who reads the log could verify")
}

// tree is err and everything that it wraps.
func tree(err error) []error {
	if err == nil {
		return nil
	}
	all := []error{err}
	for _, inner := range wrapped(err) {
		all = append(all, tree(inner)...)
	}
	return all
}

func wrapped(err error) []error {
	if many, ok := err.(interface{ Unwrap() []error }); ok {
		return many.Unwrap()
	}
	return []error{errors.Unwrap(err)}
}

// printedVerification leaves out what stores a Verification: it is plain data, with its number in it.
func printedVerification(v otp.Verification) map[string]string {
	forms := simtest.Printed(v)
	for _, form := range []string{"JSON", "YAML", "slog JSON"} {
		delete(forms, form)
	}
	return forms
}

// What is no HTTP is quoted in the errors of net/http, and it may be the vendor's success with the code in it.
func TestABodyInThePlaceOfAHeaderIsNotShown(t *testing.T) {
	body := `{"success":true,"data":{"code":"` + code + `"}}`
	for _, answer := range []string{
		"HTTP/1.1 200 OK\r\n" + body + "\r\n\r\n",
		body + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nContent-Length: " + body + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: " + body + "\r\n\r\n",
		"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + body + "\r\n\r\n",
	} {
		f := fault{script: []step{func(c *connection) {
			if c.take() {
				c.write(answer)
			}
		}}}
		for _, c := range calls() {
			x := f.prepare(t, c)
			x.run(t)
			for form, text := range simtest.PrintedDeep(x.err) {
				assert.NotContains(t, text, code, c.vendor+" "+c.name+" "+form)
			}
		}
	}
}
