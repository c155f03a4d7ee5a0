"""HTTP to the daemons: never by a proxy, never more than a few MiB, never for long."""

from __future__ import annotations

import http.client
import json
import ssl
from typing import Any
from urllib.parse import urlsplit

SECONDS = 10
# The node list of a thousand workers has about one.
MOST_BYTES = 32 * 1024 * 1024


class Unanswered(Exception):
    """A daemon that does not answer as it should; the message says how. `host` is where it was asked."""

    def __init__(self, message: str, host: str = "") -> None:
        super().__init__(message)
        self.host = host


def request(url: str, method: str = "GET", body: bytes = b"", redirect: bool = True) -> tuple[int, dict, bytes]:
    """Status, headers by lower-case name, body. One redirect is followed, with the body only then, as WebHDFS wants it.

    @raises Unanswered
    """
    parts = urlsplit(url)
    try:
        answer = _exchange(parts, method, b"" if redirect else body)
    except (OSError, http.client.HTTPException) as error:
        reason = getattr(error, "strerror", None) or str(error) or type(error).__name__
        raise Unanswered(f"{parts.netloc}: {reason}", parts.hostname or "") from error
    status, headers, _ = answer
    if redirect and status in (301, 302, 307) and "location" in headers:
        return request(headers["location"], method, body, redirect=False)
    return answer


def _exchange(parts, method: str, body: bytes) -> tuple[int, dict, bytes]:
    if parts.scheme == "https":
        # A cluster's certificate is its own; that it names the right address is looked at elsewhere.
        context = ssl._create_unverified_context()  # noqa: SLF001 - no public name says the same in one word
        connection: http.client.HTTPConnection = http.client.HTTPSConnection(
            parts.hostname, parts.port, timeout=SECONDS, context=context
        )
    else:
        connection = http.client.HTTPConnection(parts.hostname, parts.port, timeout=SECONDS)
    try:
        target = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
        headers = {"Content-Type": "application/octet-stream"} if body else {}
        connection.request(method, target, body or None, headers)
        answer = connection.getresponse()
        return answer.status, {name.lower(): value for name, value in answer.getheaders()}, answer.read(MOST_BYTES)
    finally:
        connection.close()


def get_json(url: str) -> Any:
    """@raises Unanswered also for what is no JSON"""
    status, _, body = request(url)
    if status != 200:
        raise Unanswered(f"{urlsplit(url).netloc}{urlsplit(url).path} answers {status}")
    try:
        return json.loads(body)
    except ValueError as error:
        raise Unanswered(f"{urlsplit(url).netloc}{urlsplit(url).path} answers something else than JSON") from error
