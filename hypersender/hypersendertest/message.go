package hypersendertest

// The two channels; their names are the simulator's.
const (
	sms      = "sms"
	whatsApp = "whatsapp"
)

// channel follows from the form of the chatId (invented; on real accounts it seems to follow from the kind of
// instance).
func (s *Server) channel(chatID string) string {
	if s.quirks.PhoneNumbers && isPhone(chatID) {
		return sms
	}
	return whatsApp
}

// message is what the person gets. The text is invented: the pages only say that it names the app or service.
func (req codeRequest) message(c *sentCode, maxAttempts int) Message {
	text := c.code + " is your verification code."
	if req.name != "" {
		text = c.code + " is your " + req.name + " verification code."
	}
	return Message{
		ID: c.uuid, To: phoneOf(req.chatID), Channel: req.channel,
		Text: text, Code: c.code, ExpiresAt: c.expires, MaxAttempts: maxAttempts,
	}
}
