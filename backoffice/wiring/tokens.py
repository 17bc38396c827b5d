"""The token door of machine clients: token and revocation only, with a rate limit of its own."""

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.decorators import method_decorator
from django.views.decorators.csrf import csrf_exempt
from oauth2_provider.views import RevokeTokenView, TokenView
from rest_framework.request import Request
from rest_framework.throttling import SimpleRateThrottle


class TokenThrottle(SimpleRateThrottle):
    """Twenty requests a minute from one address (REST_FRAMEWORK["DEFAULT_THROTTLE_RATES"]["token"])."""

    scope = "token"

    def get_cache_key(self, request: Request, view: Any) -> str:
        return str(self.cache_format % {"scope": self.scope, "ident": self.get_ident(request)})


@method_decorator(csrf_exempt, name="dispatch")
class Throttled:
    """Refuses with 429 before a secret is compared."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        throttle = TokenThrottle()
        if not throttle.allow_request(Request(request), self):  # type: ignore[arg-type]
            wait = int(throttle.wait() or 60) + 1
            return JsonResponse({"error": "slow_down"}, status=429, headers={"Retry-After": str(wait)})
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]


class ThrottledToken(Throttled, TokenView):
    """Client id and secret in, bearer token out."""


class ThrottledRevoke(Throttled, RevokeTokenView):
    """Ends a token before its time."""
