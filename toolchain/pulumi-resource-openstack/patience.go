package main

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strconv"
	"time"

	osclient "github.com/gophercloud/utils/v2/client"
	"github.com/hashicorp/terraform-plugin-sdk/v2/diag"
	"github.com/hashicorp/terraform-plugin-sdk/v2/helper/schema"
	openstack "github.com/terraform-provider-openstack/terraform-provider-openstack/v3/openstack"
)

const (
	attempts = 6
	// A service that has said nothing for so long twice will not do so a third time.
	attemptsInSilence = 2
	// One request with its whole answer; the provider itself would wait for ever.
	attemptTimeout = 90 * time.Second
	firstPause     = 500 * time.Millisecond
	maxPause       = 10 * time.Second
	maxRetryAfter  = 60 * time.Second
)

// patientProvider is the provider with requests that outlast a service's bad moment. The provider's own max_retries
// repeats any request whose answer was lost, so it makes some things twice; this one asks first whether that is safe.
// The rules are those of hailstack's own calls (src/openstack/retry.ts).
func patientProvider() *schema.Provider {
	provider := openstack.Provider()
	configure := provider.ConfigureContextFunc
	provider.ConfigureContextFunc = func(ctx context.Context, data *schema.ResourceData) (any, diag.Diagnostics) {
		meta, problems := configure(ctx, data)
		if config, ok := meta.(*openstack.Config); ok && config.OsClient != nil {
			if transport, ok := config.OsClient.HTTPClient.Transport.(*osclient.RoundTripper); ok {
				transport.Rt = patience{transport.Rt}
			}
		}
		return meta, problems
	}
	return provider
}

type patience struct{ next http.RoundTripper }

func (p patience) RoundTrip(request *http.Request) (*http.Response, error) {
	for attempt := 1; ; attempt++ {
		response, err := p.try(request)
		pause, again := pauseBeforeRetry(request, response, err, attempt)
		if !again {
			return response, err
		}
		if request.Body != nil && request.GetBody == nil {
			return response, err
		}
		if response != nil {
			_, _ = io.Copy(io.Discard, response.Body)
			_ = response.Body.Close()
		}
		select {
		case <-request.Context().Done():
			return nil, request.Context().Err()
		case <-time.After(pause):
		}
		request = request.Clone(request.Context())
		if request.GetBody != nil {
			if request.Body, err = request.GetBody(); err != nil {
				return nil, err
			}
		}
	}
}

func (p patience) try(request *http.Request) (*http.Response, error) {
	ctx, cancel := context.WithTimeout(request.Context(), attemptTimeout)
	response, err := p.next.RoundTrip(request.WithContext(ctx))
	if err != nil {
		cancel()
		return nil, err
	}
	response.Body = timedBody{response.Body, cancel}
	return response, nil
}

// timedBody ends the time allowed for an answer when the answer has been read.
type timedBody struct {
	io.ReadCloser
	cancel context.CancelFunc
}

func (b timedBody) Close() error {
	defer b.cancel()
	return b.ReadCloser.Close()
}

// pauseBeforeRetry says whether the request may be sent again, and after how long.
func pauseBeforeRetry(request *http.Request, response *http.Response, err error, attempt int) (time.Duration, bool) {
	if attempt >= attempts || request.Context().Err() != nil {
		return 0, false
	}
	pause := min(maxPause, firstPause<<(attempt-1))
	pause = pause/2 + rand.N(pause/2)
	repeatable := request.Method != http.MethodPost && request.Method != http.MethodPatch
	if errors.Is(err, context.DeadlineExceeded) && attempt >= attemptsInSilence {
		return 0, false
	}
	if err != nil {
		return pause, repeatable || neverSent(err)
	}
	wish, wished := retryAfter(response.Header.Get("Retry-After"))
	switch response.StatusCode {
	case http.StatusTooManyRequests:
	case http.StatusServiceUnavailable:
		// With a Retry-After it was turned away before anything was done; a bare one may come from a proxy, afterwards.
		if !repeatable && !wished {
			return 0, false
		}
	case http.StatusRequestEntityTooLarge:
		// What old Novas say for 429.
		if !wished {
			return 0, false
		}
	case http.StatusInternalServerError, http.StatusBadGateway, http.StatusGatewayTimeout:
		if !repeatable {
			return 0, false
		}
	default:
		return 0, false
	}
	return max(pause, min(wish, maxRetryAfter)), true
}

// neverSent tells a connection that could not be made from one that broke: nothing of the request has left.
func neverSent(err error) bool {
	var failed *net.OpError
	return errors.As(err, &failed) && failed.Op == "dial"
}

// retryAfter reads seconds or an HTTP date.
func retryAfter(header string) (time.Duration, bool) {
	if seconds, err := strconv.Atoi(header); err == nil && seconds >= 0 {
		return time.Duration(seconds) * time.Second, true
	}
	if date, err := http.ParseTime(header); err == nil {
		return max(0, time.Until(date)), true
	}
	return 0, false
}
