"""Decisions on people: to suggest by hand that borrowers are one, to approve or refuse it, to undo or keep a merge."""

from datetime import datetime
from typing import Any, Final

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.utils.translation import gettext_lazy as _

from backoffice.audit.services import record
from backoffice.core.canonical.references import canonical_reference
from backoffice.core.errors import InvalidInput, Missing, NotAllowed, SelfApproval, StateConflict
from backoffice.core.transitions import may, move, move_all
from cases.enums import MergeGround, PersonMergeState
from cases.models import Borrower, DifferentPeople, MergedBorrower, PersonMerge
from cases.rules.people import borrowers_key
from cases.rules.person_lifecycle import PERSON_MERGE
from cases.services.casework.reevaluation import mark_for_reevaluation
from cases.services.merges.joined_cases import follow_borrowers, join_cases
from cases.services.people.locks import take_merge_lock
from cases.services.people.partition import (
    Locked,
    current_groups,
    join,
    keep_apart,
    lock_borrowers,
    part,
    refused_pairs,
)

SUGGEST: Final = "cases.suggest_personmerge"
DECIDE: Final = "cases.decide_personmerge"
# What people may give as a ground; the other word is the rule's.
GROUNDS_BY_HAND: Final = tuple(ground for ground in MergeGround if ground != MergeGround.SAME_ID_NUMBER)


@transaction.atomic
def suggest_merge(*, borrower: Borrower, other_ref: str, ground: str, actor: Any, at: datetime) -> PersonMerge:
    """
    Suggest that a borrower and the one with the reference `other_ref` are one person; somebody else decides.

    `ground` is one of `GROUNDS_BY_HAND`. A pair that was found to be different people may be suggested by hand again.

    :raises NotAllowed: if the actor is no person or may not suggest merges.
    :raises Missing: if the first borrower is outside the territories that the actor may see.
    :raises InvalidInput: if the ground is none of people, there is no other borrower of that reference that the actor may
        see, or the two are one person already.
    :raises StateConflict: if these borrowers are suggested already.
    """
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=SUGGEST)
    if ground not in GROUNDS_BY_HAND:
        raise InvalidInput(_("Choose why they are one person."), field="ground")
    visible = Borrower.objects.visible_to(actor)
    first = visible.filter(pk=borrower.pk).first()
    if first is None:
        raise Missing(_("There is no such borrower."))
    second = visible.filter(external_ref=canonical_reference(text=other_ref)).first()
    if second is None:
        raise InvalidInput(
            _("No borrower that you may see has this reference. Copy it from the borrower's page."), field="other_ref"
        )
    if second.pk == first.pk:
        raise InvalidInput(_("This is the same borrower. Give the reference of another one."), field="other_ref")
    if first.person_id is not None and first.person_id == second.person_id:
        raise InvalidInput(_("These borrowers are one person already."), field="other_ref")
    try:
        # Of two people who suggest the same at once, the second comes here.
        with transaction.atomic():
            merge = PersonMerge.objects.create(
                ground=ground,
                borrowers_key=borrowers_key(borrowers=(first.pk, second.pk)),
                names_differ=_differ(first, second),
                suggested_by=actor,
                created_at=at,
                updated_at=at,
            )
    except IntegrityError as error:
        raise StateConflict(_("These borrowers are suggested already; decide that suggestion.")) from error
    MergedBorrower.objects.bulk_create(
        MergedBorrower(merge=merge, borrower=each, id_number_index=each.id_number_index) for each in (first, second)
    )
    body = {"ground": ground, "borrowers": [first.pk, second.pk]}
    record(actor=actor, action="personmerge.suggested", subject=merge, at=at, body=body)
    return merge


@transaction.atomic
def approve_merge(*, merge: PersonMerge, actor: Any, at: datetime) -> PersonMerge:
    """
    Make the borrowers of a suggestion one person, together with the others of their people.

    Other suggestions about borrowers that are one person by now lapse. Of several open cases one is kept
    (`joined_cases.join_cases`), and the person is judged anew within seconds.

    :raises NotAllowed: if the actor is no person, may not decide, or may not see all borrowers.
    :raises SelfApproval: if the actor suggested it.
    :raises StateConflict: if it is decided already, its borrowers no longer share their number, or another decision came
        between.
    :raises InvalidInput: if it would make one person of two borrowers that somebody found to be different people.
    """
    _must_decide(merge, actor)
    take_merge_lock()
    locked = lock_borrowers(merge=merge, actor=actor)
    merge.refresh_from_db(fields=["state", "ground"])
    by_rule = merge.ground == MergeGround.SAME_ID_NUMBER
    numbers = {locked.number_by_borrower[pk] for pk in locked.named}
    if by_rule and (len(numbers) != 1 or b"" in numbers):
        raise StateConflict(_("The numbers of these borrowers have been corrected since and are no longer the same."))
    _refuse_different_people(locked, within=not by_rule)
    move(record=merge, lifecycle=PERSON_MERGE, action="approve", actor=actor, at=at, decided_by=actor, decided_at=at)
    person = join(merge=merge, locked=locked, at=at)
    lapsed = _lapse_joined(locked, at)
    borrowers = sorted(locked.person_by_borrower)
    closed = join_cases(borrowers=borrowers, actor=actor, at=at)
    mark_for_reevaluation(borrowers=borrowers, at=at)
    body = {"person": person, "borrowers": borrowers, "lapsed": lapsed, "cases_closed": sorted(closed)}
    record(actor=actor, action="personmerge.approved", subject=merge, at=at, body=body)
    return merge


@transaction.atomic
def refuse_merge(*, merge: PersonMerge, actor: Any, at: datetime) -> PersonMerge:
    """
    Find that the borrowers of a suggestion are different people: none of the pairs is suggested by the rule again.

    Borrowers of it that are one person already stay so.

    :raises NotAllowed: if the actor is no person, may not decide, or may not see all borrowers.
    :raises SelfApproval: if the actor suggested it.
    :raises StateConflict: if it is decided already.
    """
    _must_decide(merge, actor)
    locked = lock_borrowers(merge=merge, actor=actor)
    move(record=merge, lifecycle=PERSON_MERGE, action="refuse", actor=actor, at=at, decided_by=actor, decided_at=at)
    pairs = keep_apart(merge=merge, locked=locked, groups=current_groups(locked=locked), at=at)
    record(actor=actor, action="personmerge.refused", subject=merge, at=at, body={"pairs": pairs})
    return merge


@transaction.atomic
def undo_merge(*, merge: PersonMerge, actor: Any, at: datetime) -> PersonMerge:
    """
    Undo an approved merge: its borrowers are the people again that follow from the other merges that stand.

    Those of its borrowers that come apart are kept as different people. An open case stays with its borrower; the others
    are judged anew within seconds, and get a case of their own if they have a reason.

    :raises NotAllowed: if the actor is no person, may not decide, may not see all borrowers, or approved the merge.
    :raises StateConflict: if the merge does not stand, or another decision came between.
    """
    _must_review(merge, actor)
    take_merge_lock()
    locked = lock_borrowers(merge=merge, actor=actor)
    move(record=merge, lifecycle=PERSON_MERGE, action="undo", actor=actor, at=at, reviewed_by=actor, reviewed_at=at)
    groups = part(merge=merge, locked=locked, at=at)
    pairs = keep_apart(merge=merge, locked=locked, groups=groups, at=at)
    borrowers = sorted(locked.person_by_borrower)
    follow_borrowers(borrowers=borrowers)
    mark_for_reevaluation(borrowers=borrowers, at=at)
    body = {"borrowers": borrowers, "people": len(groups), "pairs": pairs}
    record(actor=actor, action="personmerge.undone", subject=merge, at=at, body=body)
    return merge


@transaction.atomic
def keep_merge(*, merge: PersonMerge, actor: Any, at: datetime) -> PersonMerge:
    """
    Keep a merge although the numbers of its borrowers differ by now; it is asked again when one of them changes.

    :raises NotAllowed: if the actor is no person, may not decide, may not see all borrowers, or approved the merge.
    :raises StateConflict: if nobody suggested to part them, or another decision came between.
    """
    _must_review(merge, actor)
    locked = lock_borrowers(merge=merge, actor=actor)
    move(record=merge, lifecycle=PERSON_MERGE, action="keep", actor=actor, at=at, reviewed_by=actor, reviewed_at=at)
    members = list(MergedBorrower.objects.filter(merge=merge))
    for member in members:
        member.id_number_index = locked.number_by_borrower[member.borrower_id]
    MergedBorrower.objects.bulk_update(members, ["id_number_index"])
    record(actor=actor, action="personmerge.kept", subject=merge, at=at)
    return merge


def _must_decide(merge: PersonMerge, actor: Any) -> None:
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=DECIDE)
    if merge.suggested_by_id == actor.pk:
        raise SelfApproval


def _must_review(merge: PersonMerge, actor: Any) -> None:
    if actor is None:
        raise NotAllowed
    may(actor=actor, permission=DECIDE)
    # Read again: the caller's instance may be older than the approval.
    if PersonMerge.objects.filter(pk=merge.pk, decided_by=actor).exists():
        raise NotAllowed(_("You approved this merge yourself; another person reviews it."))


def _refuse_different_people(locked: Locked, *, within: bool) -> None:
    """
    Refuse to join pairs that were found to be different people.

    With `within`, for what a person suggested against that finding, the pairs of the named borrowers are forgotten
    instead: a second person approves it.
    """
    pairs = set(refused_pairs(borrowers=locked.person_by_borrower))
    if within:
        between = {pair for pair in pairs if locked.named.issuperset(pair)}
        DifferentPeople.objects.filter(first__in=locked.named, second__in=locked.named).delete()
        pairs -= between
    if pairs:
        references = dict(Borrower.objects.filter(pk__in=min(pairs)).values_list("pk", "external_ref"))
        first, second = (references[pk] for pk in min(pairs))
        raise InvalidInput(
            _(
                "{first} and {second} were found to be different people and would become one. Refuse this, or suggest "
                "those two by hand first."
            ).format(first=first, second=second)
        )


def _lapse_joined(locked: Locked, at: datetime) -> int:
    """Let the open suggestions lapse whose borrowers are all among the joined ones; return how many."""
    joined = list(locked.person_by_borrower)
    about = MergedBorrower.objects.filter(borrower__in=joined).values("merge")
    others = MergedBorrower.objects.filter(merge=OuterRef("pk")).exclude(borrower__in=joined)
    rows = PersonMerge.objects.filter(~Exists(others), pk__in=about, state=PersonMergeState.SUGGESTED)
    return move_all(rows=rows, lifecycle=PERSON_MERGE, action="lapse", at=at)


def _differ(first: Borrower, second: Borrower) -> bool:
    names = {bytes(first.name_index), bytes(second.name_index)}
    return b"" not in names and len(names) > 1
