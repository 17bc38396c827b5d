"""The page of a letter, /v/<code>: whether it is genuine, and what to answer. No login, no cookie, nothing about anybody."""

import re
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.signing import BadSignature, Signer
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils import timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods

from backoffice.core.errors import DoorstepError, InvalidInput, StateConflict
from visits.enums import LetterAnswerKind
from visits.models import LetterAnswer
from visits.public.letter_forms import FORM_SECONDS, FORMS, LetterForm, form_ref_of, new_form_ref
from visits.public.letter_limits import is_too_often
from visits.rules.conduct.letter_words import PURPOSE_WORDS
from visits.selectors.letter_check import genuine_letter
from visits.services.answers.papers import MOST_BYTES
from visits.services.answers.receiving import GivenAnswer, receive_answer

# What a code can look like; anything else is not worth a query.
CODE: Final = re.compile(r"[A-Za-z0-9_-]{1,32}")
LANGUAGES: Final = ("zh-hans", "en")
# A photograph, and what a form holds beside it.
MOST_BODY: Final = MOST_BYTES + 64 * 1024
TRIES: Final = 3


# There is nothing that a foreign page could borrow: no login and no cookie. What a form needs instead is the signed
# reference that only this page hands out, for this letter (docs/letters.md).
@csrf_exempt
@require_http_methods(["GET", "HEAD", "POST"])
def check_letter(request: HttpRequest, code: str) -> HttpResponse:
    """
    Answer 200 for a genuine letter, 404 for any other code, 429 to a caller who asks too often: one page shape.

    `?do=` shows the form of an answer, POST to it takes the answer in and leads to `?sent=`, `?lang=` changes the language.
    """
    at = timezone.now()
    chosen = request.GET.get("lang", "")
    with translation.override(chosen if chosen in LANGUAGES else translation.get_language()):
        response = _answered(request, code, at)
        response["Content-Language"] = translation.get_language()
    response["Cache-Control"] = "no-store"
    response["X-Robots-Tag"] = "noindex, nofollow"
    response["Referrer-Policy"] = "no-referrer"
    return response


def _answered(request: HttpRequest, code: str, at: datetime) -> HttpResponse:
    if is_too_often(request=request, code=code, at=at):
        return _page(request, "visits/letter.html", {"is_busy": True}, status=429)
    form_class = FORMS.get(request.GET.get("do", ""))
    if request.method == "POST":
        return _sent(request, code, form_class, at)
    if request.GET.get("sent"):
        return _thanks(request, code, at)
    if form_class is not None:
        return _form(request, code, form_class())
    letter = genuine_letter(code=code, at=at) if CODE.fullmatch(code) else None
    shown: dict[str, Any] = {
        "letter": letter,
        "code": code,
        "answers": [(name, form.title) for name, form in FORMS.items()],
    }
    if letter is not None:
        language = "zh" if str(translation.get_language()).startswith("zh") else "en"
        shown["purposes"] = [PURPOSE_WORDS[purpose][language] for purpose in letter.purposes]
    return _page(request, "visits/letter.html", shown, status=200 if letter else 404)


def _sent(request: HttpRequest, code: str, form_class: type[LetterForm] | None, at: datetime) -> HttpResponse:
    """Take an answer in and lead to the page that says so; show the form again, as it was filled in, if it cannot be taken."""
    # Looked at before the body is: a body that is too large is never read.
    if int(request.META.get("CONTENT_LENGTH") or 0) > MOST_BODY:
        text = _("This is too large. Send a photograph of at most 15 MB.")
        return _page(request, "visits/letter_said.html", {"text": text}, status=413)
    if form_class is None or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return _page(request, "visits/letter_said.html", {"text": _("Open the page of your letter first.")}, status=400)
    form = form_class(request.POST, request.FILES)
    signed = request.POST.get("form", "")
    form_ref = form_ref_of(code=code, signed=signed)
    known = LetterAnswer.objects.filter(form_ref=form_ref).first() if form_ref else None
    if known is not None:
        return _to_thanks(request, known)
    if form_ref_of(code=code, signed=signed, within=FORM_SECONDS) is None or form_ref is None:
        form.add_error(None, _("This page was open for long. Please send it once more."))
    if not form.is_valid():
        return _form(request, code, form, status=422)
    try:
        answer = _receive(code, form.given(form_ref=form_ref), at) if CODE.fullmatch(code) and form_ref else None
    except InvalidInput as error:
        form.add_error(error.field if error.field in form.fields else None, str(error))
        return _form(request, code, form, status=422)
    except DoorstepError as error:
        form.add_error(None, str(error))
        return _form(request, code, form, status=503)
    except OperationalError:
        # Somebody else held the visit for longer than a page waits; nothing of the answer was kept.
        form.add_error(None, _("We are busy for a moment. Please send it once more."))
        return _form(request, code, form, status=503)
    if answer is None:
        text = _("No letter has this code, so nothing was kept. Please call us.")
        return _page(request, "visits/letter_said.html", {"text": text}, status=404)
    return _to_thanks(request, answer)


def _receive(code: str, given: GivenAnswer, at: datetime) -> LetterAnswer | None:
    """Take the answer in; a merge of borrowers at the same moment is waited out."""
    for _try in range(TRIES - 1):
        try:
            return receive_answer(code=code, given=given, at=at)
        except StateConflict:
            continue
    return receive_answer(code=code, given=given, at=at)


def _thanks(request: HttpRequest, code: str, at: datetime) -> HttpResponse:
    """Say that an answer came in, and what follows. The words do not depend on the proof: they tell a stranger nothing."""
    try:
        pk = int(_receipts(code).unsign(request.GET["sent"]))
    except (BadSignature, ValueError):
        return _page(request, "visits/letter_said.html", {"text": _("Open the page of your letter first.")}, status=400)
    answer = LetterAnswer.objects.select_related("complaint").get(pk=pk)
    shown = {"answer": answer, "kinds": LetterAnswerKind, "receipt": request.GET["sent"]}
    return _page(request, "visits/letter_sent.html", shown, status=200)


def _to_thanks(request: HttpRequest, answer: LetterAnswer) -> HttpResponse:
    query = request.GET.copy()
    query.pop("do", None)
    query["sent"] = _receipts(answer.letter_code).sign(str(answer.pk))
    # Relative to the page itself: reloading and going back send nothing again.
    return HttpResponseRedirect(f"?{query.urlencode()}", status=303)


def _receipts(code: str) -> Signer:
    return Signer(salt=f"visits.letter.sent.{code}")


def _form(request: HttpRequest, code: str, form: LetterForm, *, status: int = 200) -> HttpResponse:
    return _page(request, "visits/letter_form.html", {"form": form, "form_ref": new_form_ref(code=code)}, status=status)


def _page(request: HttpRequest, template: str, shown: dict[str, Any], *, status: int) -> HttpResponse:
    is_chinese = str(translation.get_language()).startswith("zh")
    chosen = request.GET.get("lang", "")
    return render(
        request,
        template,
        {
            "telephone": settings.COMPLAINTS_PHONE,
            "language": "zh-Hans" if is_chinese else "en",
            # Kept along the way once somebody has chosen one.
            "chosen": chosen if chosen in LANGUAGES else "",
            "other": "en" if is_chinese else "zh-hans",
            "here": request.GET.get("do", "") if request.GET.get("do", "") in FORMS else "",
            **shown,
        },
        status=status,
    )
