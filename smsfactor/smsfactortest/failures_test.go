package smsfactortest_test

import (
	"context"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"

	"github.com/otp-sdk/otp-go/smsfactor/smsfactortest"
)

func TestFailuresByNumber(t *testing.T) {
	for _, tt := range []struct {
		failure smsfactortest.Failure
		status  int
		body    string
	}{
		{smsfactortest.OutOfCredit, 400, failure(104, "Not enough credit.")},
		{smsfactortest.SenderRefused, 400, failure(106, "The sender is not valid.")},
		{smsfactortest.NoCorrectNumber, 400, failure(117, "No correct phone number.")},
		{smsfactortest.UnknownPrefix, 400, failure(150, "No country for this prefix.")},
		{smsfactortest.CountryNotServed, 400, failure(151, "This country is not served.")},
		{smsfactortest.Failure(207), 400, failure(207, "Error 207.")},
		{smsfactortest.TooManyRequests, 429, tooManyRequests},
		{smsfactortest.ServerError, 500, "<html><head><title>500</title></head><body><h1>Internal Server Error</h1></body></html>\n"},
	} {
		a := start(t, smsfactortest.WithFailure("33600000104", tt.failure), smsfactortest.WithFailure("+33600000105", smsfactortest.OutOfCredit))
		for range 2 { // it does not pass
			a.refused(`{"phone_number":"+33600000104"}`, tt.status, tt.body)
		}
		code, token := a.generate(bareBody) // other numbers are well
		a.validated(byToken(code, token), 200, success)
		assert.False(t, a.Requests()[0].Accepted)
		assert.Equal(t, tt.status, a.Requests()[0].Status)
	}
}

func TestFailureWithErrorStatus(t *testing.T) {
	a := start(t, smsfactortest.WithFailure(phone, smsfactortest.OutOfCredit), quirk(smsfactortest.Quirks{ErrorStatus: 200}))
	a.refused(bareBody, 200, failure(104, "Not enough credit."))
	assert.False(t, a.Requests()[0].Accepted)
}

func TestFailureNoAnswer(t *testing.T) {
	a := start(t, smsfactortest.WithFailure(phone, smsfactortest.NoAnswer))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, "POST", a.URL+generatePath, strings.NewReader(bareBody))
	assert.NoError(t, err)
	req.Header.Set("api-login", a.APILogin)
	req.Header.Set("api-key", a.APIKey)
	_, err = a.client.Do(req)
	assert.ErrorIs(t, err, context.DeadlineExceeded)
	assert.Empty(t, a.Inbox.All())
	assert.Zero(t, a.Requests()[0].Status)
}

// Close must release who waits for an answer, even where no connection tells it.
func TestFailureNoAnswerEndsWithTheServer(t *testing.T) {
	srv := smsfactortest.NewHandler(smsfactortest.WithFailure(phone, smsfactortest.NoAnswer))
	r := httptest.NewRequestWithContext(t.Context(), "POST", generatePath, strings.NewReader(bareBody))
	r.Header.Set("api-login", srv.APILogin)
	r.Header.Set("api-key", srv.APIKey)
	done := make(chan struct{})
	go func() {
		defer close(done)
		srv.ServeHTTP(httptest.NewRecorder(), r)
	}()
	assert.Eventually(t, func() bool { return len(srv.Requests()) == 1 }, 5*time.Second, time.Millisecond)
	srv.Close()
	<-done
}
