package httpcall

// Version of the library, sent as "otp-go/VERSION" in the User-Agent header.
const Version = "0.1.0"
