"""Drawing borrowers into the arms of an experiment."""

from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Case, CharField, DateField, Exists, OuterRef, TextField, Value, When
from django.db.models.functions import MD5, Cast, Collate, Concat, Substr
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.batches import insert_select
from backoffice.core.errors import InvalidInput, NotAllowed
from backoffice.core.transitions import may
from cases.models import Borrower, BorrowerFlag
from cases.models import Case as BorrowerCase
from reports.enums import Arm, Experiment
from reports.models import ExperimentArm
from reports.rules.experiment import CHALLENGER_BELOW, CHAMPION_BELOW, DIGITS


@transaction.atomic
def draw_arms(*, experiment: str, business_date: date, at: datetime, actor: Any) -> int:
    """
    Draw every borrower with an open case that the actor sees into an arm, and return how many were drawn now.

    80 % go into the champion, 10 % into the challenger, 10 % are held out. The arm follows from a hash of experiment and
    borrower, so drawing again changes nobody and adds only new borrowers. A borrower who has, or ever had, a recorded
    circumstance is not drawn (domain 5.4: the vulnerable are never a test arm). One statement, however large the
    portfolio.

    :raises NotAllowed: if the actor is no person or may not draw.
    :raises InvalidInput: if there is no such experiment.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission="reports.draw_experimentarm")
    if experiment not in Experiment.values:
        raise InvalidInput(_("There is no such experiment."), field="experiment")
    drawn = insert_select(
        model=ExperimentArm,
        columns=("experiment", "borrower_id", "arm", "drawn_on"),
        rows=_draw(experiment=experiment, business_date=business_date, actor=actor),
        conflict="(experiment, borrower_id) DO NOTHING",
    )
    if drawn:
        body = {"drawn": drawn, "business_date": business_date}
        record(actor=actor, action="experiment.drawn", subject=("reports.experimentarm", experiment), at=at, body=body)
    return drawn


def _draw(*, experiment: str, business_date: date, actor: Any) -> Any:
    digest = MD5(Concat(Value(f"{experiment}:"), Cast("pk", TextField()), output_field=TextField()))
    # Collation C compares bytes; the database's own collation may order letters and digits differently.
    digits = Collate(Substr(digest, 1, DIGITS), "C")
    arm = Case(
        When(digits__lt=CHAMPION_BELOW, then=Value(Arm.CHAMPION)),
        When(digits__lt=CHALLENGER_BELOW, then=Value(Arm.CHALLENGER)),
        default=Value(Arm.HOLDOUT),
        output_field=CharField(),
    )
    open_case = BorrowerCase.objects.open().filter(borrower=OuterRef("pk"))
    circumstance = BorrowerFlag.objects.filter(borrower=OuterRef("pk"))
    return (
        Borrower.objects.visible_to(actor)
        .filter(Exists(open_case), ~Exists(circumstance))
        .order_by()
        .annotate(
            of=Value(experiment, output_field=CharField()),
            digits=digits,
            drawn_arm=arm,
            day=Value(business_date, output_field=DateField()),
        )
        .values_list("of", "pk", "drawn_arm", "day")
    )
