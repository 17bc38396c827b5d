"""The two addresses where machine clients get and revoke tokens, with a rate limit of their own."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils import timezone
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import RevokeTokenView, TokenView

from backoffice.access.limits import Limit, count_attempt, seconds_to_wait
from backoffice.core.client_address import client_site

LIMIT = Limit(door="token", most=20, seconds=60)


@method_decorator(csrf_exempt, name="dispatch")
class Throttled:
    """Refuses with 429 before a secret is compared (twenty a minute from one address)."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Count the attempt and pass it on, or answer 429 with the seconds to wait."""
        at = timezone.now()
        if not count_attempt(limit=LIMIT, caller=client_site(request), at=at):
            wait = seconds_to_wait(limit=LIMIT, at=at)
            return JsonResponse({"error": "slow_down"}, status=429, headers={"Retry-After": str(wait)})
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]


class ThrottledToken(Throttled, TokenView):
    """Give a bearer token for a client id and its secret."""


class ThrottledRevoke(Throttled, RevokeTokenView):
    """End a token before it expires."""
