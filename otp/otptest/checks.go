package otptest

import "slices"

// checks is the whole suite.
func checks() []check {
	return slices.Concat(basicChecks(), codeChecks(), requestChecks(), faultChecks())
}

func basicChecks() []check {
	return []check{
		{"capabilities are consistent", checkCapabilities},
		{"capabilities are the caller's to change", checkCapabilitiesAreCopies},
		{"a verification says who sent what to whom", checkVerificationFields},
		{"a verification survives JSON and shows neither number nor code", checkVerificationJSON},
		{"the default channel serves a request that names none", checkDefaultChannel},
		{"a hundred people at once", checkConcurrency},
		{"nothing is printed", checkNothingPrinted},
	}
}

func codeChecks() []check {
	return []check{
		{"the right code is verified", checkRightCode},
		{"space around a typed code is dropped", checkSpace},
		{"a wrong code is rejected and the right one still counts", checkWrongCode},
		{"a code is used up once verified", checkUsedCode},
		{"a code expires", checkExpiry},
		{"attempts are used up", checkAttempts},
		{"leading zeros survive", checkLeadingZeros},
		{"codes with letters", checkLetters},
		{"a code of the caller's own", checkOwnCode},
		{"somebody else's code is rejected", checkOtherNumbersCode},
		{"a verification of nothing that was sent is rejected", checkUnknownVerification},
		{"another provider's verification is refused", checkForeignVerification},
		{"what nobody can have sent is a wrong code without asking", checkHostileCodes},
	}
}

func requestChecks() []check {
	return []check{
		{"one recipient and nothing else", checkHostileRecipients},
		{"a channel that is not offered is refused", checkOtherChannels},
		{"code length", checkCodeLength},
		{"lifetime", checkTTL},
		{"number of attempts", checkMaxAttempts},
		{"languages", checkLocales},
		{"options of other vendors are ignored", checkForeignOptions},
		{"options that only claim to be the vendor's are refused", checkImpostorOptions},
		{"a cancelled context", checkCancelled},
		{"a deadline that has passed", checkExpiredContext},
	}
}

func faultChecks() []check {
	return []check{
		{"a send that is refused by status", checkSendStatuses},
		{"a verification that is refused by status", checkVerifyStatuses},
		{"a send is not repeated when its fate is unknown", checkUnknownSends},
		{"an answer that is not the vendor's verifies nothing", checkBrokenVerifies},
		{"Retry-After is reported", checkRetryAfter},
	}
}
