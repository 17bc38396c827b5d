"""Sessions of people: they end after a time without use, and after a working day in any case."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

BEGAN = "began_at"
# The end of a session moves in steps of this length, so that most requests write nothing.
RENEWAL_STEP = timedelta(seconds=60)


class SessionStore(DatabaseStore):
    """
    A session in the database whose row ends `SESSION_COOKIE_AGE` seconds after its last use.

    No renewal moves the end beyond `SESSION_LONGEST_SECONDS` after the session's first write, the sign-in.
    """

    def __init__(self, session_key: str | None = None) -> None:
        super().__init__(session_key)
        self._ends_at: datetime | None = None

    def load(self) -> dict[str, Any]:
        """Return what the session holds, and remember when its row ends."""
        row = self._get_session_from_db()  # type: ignore[attr-defined]  # not in the stubs
        if row is None:
            return {}
        self._ends_at = row.expire_date
        return dict(self.decode(row.session_data))

    def save(self, must_create: bool = False) -> None:
        """Write the session with the moment of its first write."""
        session = self._get_session(no_load=must_create)  # type: ignore[attr-defined]  # not in the stubs
        session.setdefault(BEGAN, int(timezone.now().timestamp()))
        super().save(must_create)

    def get_session_cookie_age(self) -> int:
        """Return for how many seconds from now the session lasts without another request."""
        now = int(timezone.now().timestamp())
        left = int(self.get(BEGAN, now)) + settings.SESSION_LONGEST_SECONDS - now
        longest: int = max(0, min(int(settings.SESSION_COOKIE_AGE), left))
        return longest

    def renew(self) -> None:
        """Have the session written with a later end if the end moves by `RENEWAL_STEP` or more."""
        if self._ends_at is not None and self.get_expiry_date() - self._ends_at >= RENEWAL_STEP:
            self.modified = True


class RenewSession:
    """Middleware: a request by a person moves the end of the session, one by a page that refreshes itself does not."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        """Answer the request, then renew the session that it used."""
        response = self.get_response(request)
        session: Any = request.session
        if session.accessed and not _is_automatic(request):
            session.renew()
        return response


def _is_automatic(request: HttpRequest) -> bool:
    """Return whether a page of the admin asks for its own newest state, as the page of a run does every two seconds."""
    asks_for_data = request.headers.get("Accept") == "application/json"
    return request.method == "GET" and request.path.startswith("/admin/") and asks_for_data
