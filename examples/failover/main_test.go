package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

func TestEverybodyGetsOneCode(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, `person        sent by   texts   verified   what happened
+905*****01   main      1       yes        –
+905*****02   main      1       yes        –
+905*****03   main      1       yes        –
+905*****04   main      1       yes        –
+905*****05   main      1       yes        outcome unknown: may have been sent
+905*****06   backup    1       yes        main: unavailable
+905*****07   backup    1       yes        breaker of main: open; main: unavailable
+905*****08   backup    1       yes        main: unavailable
+905*****09   backup    1       yes        main: unavailable
+905*****10   backup    1       yes        main: unavailable
+905*****11   backup    1       yes        main: unavailable
+905*****12   backup    1       yes        main: unavailable

main sent 5, backup sent 7
`, out.String())
}
