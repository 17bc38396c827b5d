"""The choices of a related field: within scope, and no query string breaks them."""

from typing import Any
from urllib.parse import urlencode

import pytest
from django.urls import reverse

from tests.factories.requests import signed_in

TERRITORIES = {"app_label": "access", "model_name": "user", "field_name": "territories"}


def ask(user: Any, **query: str) -> Any:
    return signed_in(user).get(f"{reverse('admin:autocomplete')}?{urlencode(query)}")


def test_choices_are_found_by_the_related_lists_search(administrator: Any, shanghai: Any, chengdu: Any) -> None:
    answer = ask(administrator, **TERRITORIES, term="Chengdu")

    assert [row["id"] for row in answer.json()["results"]] == [str(chengdu.pk)]


@pytest.mark.parametrize(
    "odd", [{"term": "\0"}, {"term": "x" * 500}, {"page": "x"}, {"page": "-1"}, {"page": "²"}, {"page": "9" * 30}]
)
def test_odd_values_answer_400(administrator: Any, odd: dict[str, str]) -> None:
    assert ask(administrator, **(TERRITORIES | odd)).status_code == 400


@pytest.mark.parametrize(
    "odd",
    [
        {"field_name": "nothing"},
        {"field_name": "username"},
        {"field_name": "logentry"},
        {"model_name": "nothing"},
        {"app_label": "x" * 100},
        {"app_label": ""},
    ],
)
def test_unknown_fields_answer_403(administrator: Any, odd: dict[str, str]) -> None:
    assert ask(administrator, **(TERRITORIES | odd)).status_code == 403


def test_whoever_may_not_see_the_choices_gets_403(officer: Any) -> None:
    assert ask(officer, **TERRITORIES).status_code == 403


def test_a_page_beyond_the_last_is_404(administrator: Any, shanghai: Any) -> None:
    assert ask(administrator, **TERRITORIES, page="2000").status_code in (200, 404)


def test_menu_search_answers_odd_pages_with_400(administrator: Any) -> None:
    client = signed_in(administrator)

    answers = [client.get(reverse("admin:search"), {"s": "user", "page": page}).status_code for page in ("x", "²", "9")]

    assert answers == [400, 400, 400]
    assert client.get(reverse("admin:search"), {"s": "user"}).status_code == 200
