"""What this floor adds to the page of a case: its visits, where it is placed, and the ways to both."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from cases.enums import CaseStage
from cases.models import Case
from visits.admin.agreement import agreed_lines
from visits.admin.contradiction_card import contradictions_card
from visits.admin.household_words import household_words
from visits.admin.last_resort import last_resort_steps_card
from visits.admin.letter_answer import PROOF_TONES, wish_text
from visits.admin.order import STATE_TONES
from visits.enums import AgreementKind
from visits.models import Placement, VisitOrder
from visits.models.order import LIVE_PLACEMENTS
from visits.rules.lifecycle import FINISHED
from visits.selectors.households import others_of_household
from visits.selectors.letter_answers import open_answers
from visits.services.answers.agreements import RECORD

NEWEST = 5
RECORD_LINKS = {
    AgreementKind.TIME: _("Record a time they asked for"),
    AgreementKind.PLACE: _("Record the consent to a place"),
}


def visits_panel(request: HttpRequest, case: Case) -> Any:
    """Return the panel of visits for one case, empty for roles that see no visits."""
    user: Any = request.user
    if not user.has_perm("visits.view_visitorder"):
        return ""
    orders: list[Any] = list(VisitOrder.objects.visible_to(user).filter(case=case).order_by("-pk")[:NEWEST])
    others = others_of_household(orders=orders, user=user)
    for order in orders:
        order.tone = STATE_TONES[order.state]
        order.together = household_words(number=len(others[order.pk])) if others[order.pk] else ""
    placed = (
        Placement.objects.visible_to(user).filter(case=case, state__in=LIVE_PLACEMENTS).select_related("agency").first()
    )
    is_open = case.stage != CaseStage.CLOSED
    may_request = (
        is_open and user.has_perm("visits.request_visitorder") and all(o.state in FINISHED for o in orders[:1])
    )
    may_place = is_open and placed is None and user.has_perm("visits.place_placement")
    answers: list[Any] = []
    if user.has_perm("visits.view_letteranswer"):
        answers = list(open_answers(user=user, case_id=case.pk))
    for answer in answers:
        answer.tone, answer.wished = PROOF_TONES[answer.proof], wish_text(answer)
    may_record = is_open and user.has_perm(RECORD)
    context = {
        "orders": orders,
        "agreed": agreed_lines(user=user, borrower=case.borrower, at=timezone.now()),
        "record_addresses": [
            (reverse("admin:visits_visitagreement_record", args=[case.pk, kind.lower()]), words)
            for kind, words in RECORD_LINKS.items()
            if may_record
        ],
        "last_resort": last_resort_steps_card(user=user, borrower=case.borrower) if may_request else "",
        "answers": answers,
        "placement": placed,
        "request_address": reverse("admin:visits_visitorder_request", args=[case.pk]) if may_request else "",
        "place_address": reverse("admin:visits_placement_place", args=[case.pk]) if may_place else "",
    }
    return render_to_string("admin/visits/case_panel.html", context, request=request)


def contradictions_panel(request: HttpRequest, case: Case) -> Any:
    """Return the card of what sources say differently of the borrower, empty without any."""
    return contradictions_card(request=request, borrower=case.borrower)


# cases does not import visits, so this floor registers its panel for the case page.
page_of_a_case: Any = admin.site.get_model_admin(Case)
page_of_a_case.panels.append(visits_panel)
page_of_a_case.panels.append(contradictions_panel)
