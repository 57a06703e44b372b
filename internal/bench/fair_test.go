package bench

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestBothSidesSendTheSameBytes(t *testing.T) {
	for _, v := range vendors() {
		var requests []string
		answer := v.send
		server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, err := io.ReadAll(r.Body)
			assert.NoError(t, err)
			var header strings.Builder
			assert.NoError(t, r.Header.Write(&header)) // sorted
			requests = append(requests, fmt.Sprintln(
				r.Method, r.URL, r.Proto, r.Host, r.ContentLength, r.TransferEncoding, header.String(), string(body)))
			w.WriteHeader(answer.status)
			_, err = io.WriteString(w, answer.answer)
			assert.NoError(t, err)
		}))
		client := v.client(t, server.URL)
		require.NoError(t, v.send.floor(server.URL, v.headers, pool(t))(t.Context()), v.name)
		require.NoError(t, send(client)(t.Context()), v.name)
		answer = v.verify
		require.NoError(t, v.verify.floor(server.URL, v.headers, pool(t))(t.Context()), v.name)
		require.NoError(t, verify(client, v.id)(t.Context()), v.name)
		server.CloseClientConnections()
		server.Close()

		require.Len(t, requests, 4, v.name)
		assert.Equal(t, requests[0], requests[1])
		assert.Equal(t, requests[2], requests[3])
	}
}
