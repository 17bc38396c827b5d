"""Doors to the answers that borrowers sent through the page of their letter."""

from typing import Any

from backoffice.core.rest.api import ReadViewSet
from backoffice.outbox.write_actions import WriteRequest, write_action
from visits.api.answer_shapes import HandledInput, LetterAnswerSerializer
from visits.api.filters import LetterAnswerFilter
from visits.models import LetterAnswer
from visits.services.answers.handling import handle_answer


class LetterAnswerViewSet(ReadViewSet):
    """Answers to letters, for the lender's own people and programs; outside firms see none."""

    model = LetterAnswer
    permissions = {
        "list": "visits.view_letteranswer",
        "retrieve": "visits.view_letteranswer",
        "handle": "visits.handle_letteranswer",
    }
    scopes = {"list": "visits:read", "retrieve": "visits:read"}
    related = ("order", "handled_by")
    serializer_class = LetterAnswerSerializer
    filterset_class = LetterAnswerFilter

    @write_action(takes=HandledInput, gives=LetterAnswerSerializer, summary="Note that an answer is handled")
    def handle(self, call: WriteRequest) -> Any:
        """Say whether an answer holds and what was done. What it asks for is brought about, or visits are free again."""
        return handle_answer(answer=call.record, **call.given, actor=call.actor, at=call.at)
