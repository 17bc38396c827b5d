"""How letters about decisions reach borrowers, as the lender's channels and officers report it."""

from datetime import datetime, timedelta
from typing import Any, Final

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.errors import InvalidInput
from backoffice.core.transitions import may, move_all
from cases.enums import LetterChannel, LetterReport
from cases.models import DecisionLetter, LetterDelivery
from cases.rules.letters.lifecycle import DECISION_LETTER

_STEPS: Final = {
    LetterReport.DELIVERED: "deliver",
    LetterReport.OPENED: "open",
    LetterReport.RETURNED: "return",
}
# Clocks of channels and ours may differ by so much.
CLOCK_DRIFT: Final = timedelta(minutes=5)


@transaction.atomic
def report_delivery(
    *, letter: DecisionLetter, report: str, channel: str, happened_at: datetime, actor: Any, at: datetime
) -> DecisionLetter:
    """
    Record that a letter was delivered, opened or came back, at the instant that the channel names; return the letter.

    Reports may arrive in any order: an opened letter stays opened, and a delivered one stays delivered. The same report
    again changes nothing.

    :raises NotAllowed: if the actor may not report deliveries.
    :raises InvalidInput: if report or channel is unknown, or the instant lies before the letter or still to come.
    """
    may(actor=actor, permission="cases.report_letterdelivery")
    if report not in LetterReport.values:
        raise InvalidInput(_("Choose one of the reports: delivered, opened or came back."), field="report")
    if channel not in LetterChannel.values:
        raise InvalidInput(_("Choose one of the channels."), field="channel")
    letter = DecisionLetter.objects.select_for_update(no_key=True).get(pk=letter.pk)
    if happened_at < letter.created_at - CLOCK_DRIFT:
        raise InvalidInput(_("The letter was written after this instant; enter when it happened."), field="happened_at")
    if happened_at > at + CLOCK_DRIFT:
        raise InvalidInput(_("This instant is still to come; enter when it happened."), field="happened_at")
    _row, is_new = LetterDelivery.objects.get_or_create(
        letter=letter,
        report=report,
        channel=channel,
        happened_at=happened_at,
        defaults={"reported_by": actor, "created_at": at},
    )
    if is_new:
        rows = DecisionLetter.objects.filter(pk=letter.pk)
        move_all(rows=rows, lifecycle=DECISION_LETTER, action=_STEPS[LetterReport(report)], at=at)
        letter.refresh_from_db()
        body = {"report": report, "channel": channel, "happened_at": happened_at, "state": letter.state}
        record(actor=actor, action="letter.reported", subject=letter, at=at, body=body)
    return letter
