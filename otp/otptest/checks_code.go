package otptest

import (
	"strings"
	"time"

	"github.com/stretchr/testify/require"

	"github.com/otp-sdk/otp-go/otp"
)

// longAfter is longer than any code of the suite lives.
const longAfter = 200 * 24 * time.Hour

func checkRightCode(s *session) {
	v, code := s.send()
	require.NoError(s, s.verify(v, code))
}

func checkSpace(s *session) {
	v, code := s.send()
	require.NoError(s, s.verify(v, " \t"+code+"\r\n"))
}

func checkWrongCode(s *session) {
	v, code := s.send()
	s.rejected(s.verify(v, wrong(code)))
	require.NoError(s, s.verify(v, code))
}

func checkUsedCode(s *session) {
	v, code := s.send()
	require.NoError(s, s.verify(v, code))
	s.rejected(s.verify(v, code))
}

func checkExpiry(s *session) {
	v, code := s.send()
	s.Advance(longAfter)
	s.rejected(s.verify(v, code))
}

func checkAttempts(s *session) {
	asked := s.features.MaxAttempts.Min
	if asked == 0 {
		requests := s.Requests()
		_, failure := s.trySend(s.Context(), func(r *otp.SendRequest) { r.MaxAttempts = 3 })
		s.refused(failure, requests, otp.ErrUnsupported, "max_attempts")
		return
	}
	v, code := s.send(func(r *otp.SendRequest) { r.MaxAttempts = asked })
	for range asked {
		s.rejected(s.verify(v, wrong(code)))
	}
	s.rejected(s.verify(v, code))
}

func checkLeadingZeros(s *session) {
	const most = 200 // the chance that none of so many codes begins with a zero is below one in a billion
	for range most {
		v, code := s.send()
		if strings.HasPrefix(code, "0") {
			require.NoError(s, s.verify(v, code))
			return
		}
	}
	require.Fail(s, "no code ever begins with a zero")
}

func checkLetters(s *session) {
	if !s.features.Alphanumeric {
		_, code := s.send()
		require.Empty(s, strings.Trim(code, "0123456789"), "a code has letters, and Features.Alphanumeric is false")
		return
	}
	const most = 100
	for range most {
		v, code := s.send(func(r *otp.SendRequest) { r.Options = s.harness.Letters })
		if strings.ContainsAny(code, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz") {
			require.NoError(s, s.verify(v, code))
			return
		}
	}
	require.Fail(s, "no code ever has a letter; see Harness.Letters")
}

func checkOwnCode(s *session) {
	own := "4711"
	if s.features.OwnCode {
		own = strings.Repeat("7", s.features.CodeLength.Min)
		v, code := s.send(func(r *otp.SendRequest) { r.Code = own })
		require.Equal(s, own, code)
		require.NoError(s, s.verify(v, own))
		own = strings.Repeat("7", s.features.CodeLength.Max+1)
	}
	requests := s.Requests()
	_, failure := s.trySend(s.Context(), func(r *otp.SendRequest) { r.Code = own })
	require.Contains(s, []otp.Kind{otp.ErrUnsupported, otp.ErrInvalidRequest}, failure.Kind)
	s.refused(failure, requests, failure.Kind, "code")
}

func checkOtherNumbersCode(s *session) {
	hers, herCode := s.send()
	_, hisCode := s.send()
	for hisCode == herCode {
		_, hisCode = s.send()
	}
	s.rejected(s.verify(hers, hisCode))
	require.NoError(s, s.verify(hers, herCode))
}

func checkUnknownVerification(s *session) {
	v, code := s.send()
	v.To, v.ID = number(), "7"+v.ID[:len(v.ID)-1] // of the same form, and nobody's
	s.rejected(s.verify(v, code))
}

func checkForeignVerification(s *session) {
	v, code := s.send()
	requests := s.Requests()
	for _, name := range []string{"", "somebody-else", s.Provider.Name() + "2"} {
		v.Provider = name
		failure := s.failure(s.verify(v, code), "verify", v.To, code)
		s.refused(failure, requests, otp.ErrMisconfigured, "provider")
	}
}

func checkHostileCodes(s *session) {
	v, code := s.send()
	requests := s.Requests()
	for _, typed := range []string{
		"", " ", "\t\n", "12 34", "1234\n5678", "1234\x00", "١٢٣٤", "１２３４", "12\u200b34", "é", strings.Repeat("1", 33),
		strings.Repeat("1", 1<<20), code[:2] + " " + code[2:],
	} {
		failure := s.failure(s.verify(v, typed), "verify", v.To)
		s.refused(failure, requests, otp.ErrWrongCode, "")
	}
	require.NoError(s, s.verify(v, code), "nothing was spent")
}
