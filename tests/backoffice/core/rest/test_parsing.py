"""Reading request bodies: JSON of any depth is answered, never a crash."""

import io
import json

import pytest
from django.utils.translation import override
from rest_framework.exceptions import ParseError

from backoffice.core.rest.parsing import BoundedJSONParser
from cases.models import CaseEvent
from tests.factories.casework import make_case
from tests.factories.portfolio import make_account, make_borrower
from tests.factories.requests import signed_in


def read(text):
    return BoundedJSONParser().parse(io.BytesIO(text.encode()))


def nested(depth):
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("text", ['{"a": 1}', "[]", "null", '"x"', nested(50)])
def test_json_is_read_as_it_is(text):
    assert read(text) == json.loads(text)


@pytest.mark.parametrize("text", ["", "{", "{'a': 1}", "NaN", "[1,]", '{"a": Infinity}'])
def test_what_is_no_json_is_the_senders_fault(text):
    with pytest.raises(ParseError):
        read(text)


@pytest.mark.parametrize(("language", "words"), [("en", "This is nested too deep."), ("zh-hans", "嵌套层数过多。")])
def test_json_deeper_than_the_stack_is_refused_in_the_readers_language(language, words):
    with override(language), pytest.raises(ParseError) as refused:
        read(nested(100_000))

    assert str(refused.value.detail) == words


def test_a_door_answers_400_to_json_that_is_nested_too_deep(officer, shanghai):
    case = make_case(account=make_account(borrower=make_borrower(territory=shanghai)))

    answer = signed_in(officer).post(
        f"/api/v1/cases/{case.pk}/note/", f'{{"text": {nested(100_000)}}}', content_type="application/json"
    )

    assert (answer.status_code, answer.json()["errors"][0]["code"]) == (400, "parse_error")
    assert not CaseEvent.objects.filter(kind="NOTE").exists()
