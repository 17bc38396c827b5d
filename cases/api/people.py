"""REST access to suggestions that borrowers are one person, and the decisions on them."""

from typing import Any

from django.db.models import Prefetch

from backoffice.core.rest.api import ReadViewSet
from backoffice.outbox.write_actions import WriteRequest, write_action
from cases.api.filters import PersonMergeFilter
from cases.api.inputs import MergeInput
from cases.api.people_shapes import PersonMergeSerializer
from cases.models import MergedBorrower, PersonMerge
from cases.services.merges import decisions


class PersonMergeViewSet(ReadViewSet):
    """Borrowers that may be one natural person. Whoever suggested it does not decide, whoever approved it does not undo it."""

    model = PersonMerge
    permissions = {
        "list": "cases.view_personmerge",
        "retrieve": "cases.view_personmerge",
        "create": decisions.SUGGEST,
        "approve": decisions.DECIDE,
        "refuse": decisions.DECIDE,
        "undo": decisions.DECIDE,
        "keep": decisions.DECIDE,
    }
    scopes = {"list": "cases:read", "retrieve": "cases:read"}
    related = ("suggested_by", "decided_by", "reviewed_by")
    prefetched = (
        Prefetch("members", MergedBorrower.objects.select_related("borrower__territory").order_by("borrower")),
    )
    serializer_class = PersonMergeSerializer
    filterset_class = PersonMergeFilter

    @write_action(
        takes=MergeInput,
        gives=PersonMergeSerializer,
        detail=False,
        path="",
        status=201,
        summary="Suggest that two borrowers are one person",
    )
    def create(self, call: WriteRequest) -> Any:
        """Suggest that two borrowers are one person; somebody else decides."""
        return decisions.suggest_merge(**call.given, actor=call.actor, at=call.at)

    @write_action(gives=PersonMergeSerializer, summary="Merge the borrowers")
    def approve(self, call: WriteRequest) -> Any:
        """Make the borrowers one person."""
        return decisions.approve_merge(merge=call.record, actor=call.actor, at=call.at)

    @write_action(gives=PersonMergeSerializer, summary="Refuse a merge")
    def refuse(self, call: WriteRequest) -> Any:
        """Find that the borrowers are different people; they are not suggested again."""
        return decisions.refuse_merge(merge=call.record, actor=call.actor, at=call.at)

    @write_action(gives=PersonMergeSerializer, summary="Undo a merge")
    def undo(self, call: WriteRequest) -> Any:
        """Undo an approved merge: the borrowers are the people again that they are without it."""
        return decisions.undo_merge(merge=call.record, actor=call.actor, at=call.at)

    @write_action(gives=PersonMergeSerializer, summary="Keep a merge")
    def keep(self, call: WriteRequest) -> Any:
        """Keep a merge although the numbers of its borrowers differ by now."""
        return decisions.keep_merge(merge=call.record, actor=call.actor, at=call.at)
