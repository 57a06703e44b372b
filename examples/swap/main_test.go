package main

import (
	"bytes"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/internal/simtest"
)

func TestMain(m *testing.M) { simtest.Main(m) }

func TestTheVendorIsAMatterOfConfiguration(t *testing.T) {
	var out bytes.Buffer
	require.NoError(t, run(t.Context(), &out))
	assert.Equal(t, `One program, four configurations:

  insider      sent by sms, wrong code rejected, right code verified by insider
  kaleyra      sent by sms, wrong code rejected, right code verified by kaleyra
  hypersender  sent by whatsapp, wrong code rejected, right code verified by hypersender
  smsfactor    sent by sms, wrong code rejected, right code verified by smsfactor

One configuration, swapped while a person is typing:

  a code is sent by insider; the person begins to type
  the file is swapped: sends go to kaleyra from now on
  the person types: wrong code rejected, right code verified by insider
  the next person: wrong code rejected, right code verified by kaleyra
`, out.String())
}
