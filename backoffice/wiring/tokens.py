"""The two addresses where machine clients get and revoke tokens, with a rate limit of their own."""

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
    """Answers 429 to too many requests, before a secret is compared."""

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        throttle = TokenThrottle()
        if not throttle.allow_request(Request(request), self):  # type: ignore[arg-type]
            wait = int(throttle.wait() or 60) + 1
            return JsonResponse({"error": "slow_down"}, status=429, headers={"Retry-After": str(wait)})
        return super().dispatch(request, *args, **kwargs)  # type: ignore[misc, no-any-return]


class ThrottledToken(Throttled, TokenView):
    """Give a bearer token for a client id and its secret."""


class ThrottledRevoke(Throttled, RevokeTokenView):
    """End a token before it expires."""
