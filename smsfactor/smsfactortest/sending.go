package smsfactortest

import "slices"

// Sending is what the server made of one generate request. The service repairs what is wrong with a request or
// ignores it, and says neither in its answer; here it shows.
type Sending struct {
	Ticket      string   // ticket_number of the reply
	Token       string   // otp_request_token of the reply
	Settings    Settings // in force for this code: the account's, with what the request changed
	RecipientIP string   // recipient_ip; the service only stores it, see Quirks.CheckRecipientIP

	Repaired []string // fields that were understood after a cast, a guess or a strip, sorted
	Ignored  []string // fields without effect: not documented, or not to be understood, sorted
}

func (s Sending) clone() Sending {
	s.Repaired, s.Ignored = slices.Clone(s.Repaired), slices.Clone(s.Ignored)
	return s
}
