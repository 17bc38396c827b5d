"""The photographs of who will come, for whoever holds a genuine letter: /v/<code>/1.jpg and /v/<code>/2.jpg."""

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

from backoffice.core.errors import DoorstepError
from backoffice.core.pages.private import preview
from visits.public.letter_limits import are_photos_asked_too_often
from visits.public.views import CODE
from visits.selectors.letter_check import genuine_letter


@require_safe
def show_visitor(request: HttpRequest, code: str, number: int) -> HttpResponse:
    """
    Answer with the photograph of the first or second visitor while the letter is genuine.

    404 for any other code or number, for a photograph that is not there, and for one that was altered; 429 to a caller who
    asks too often.
    """
    at = timezone.now()
    if are_photos_asked_too_often(request=request, at=at):
        return _without_photo(429)
    letter = genuine_letter(code=code, at=at) if CODE.fullmatch(code) else None
    visitors = letter.visitors if letter is not None else ()
    photo = visitors[number - 1].photo if 0 < number <= len(visitors) else None
    if photo is None:
        return _without_photo(404)
    try:
        response = preview(file=photo, media_type="image/jpeg")
    except DoorstepError:
        return _without_photo(404)
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _without_photo(status: int) -> HttpResponse:
    response = HttpResponse(status=status)
    response["Cache-Control"] = "no-store"
    return response
