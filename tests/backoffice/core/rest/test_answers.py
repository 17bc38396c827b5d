"""How an error looks to a REST client."""

from typing import Any

import pytest
from django.test import Client

from tests.factories.requests import signed_in


def test_stranger_is_asked_to_sign_in(db: Any) -> None:
    answer = Client().get("/api/v1/cases/")

    assert answer.status_code == 401
    assert answer.json()["errors"][0]["code"] == "not_authenticated"


@pytest.mark.parametrize(
    "address",
    ["/api/v1/nothing/", "/api/v1/cases/999999/", "/api/v1/cases/9999999999999999999999/", "/api/v1/cases/x/"],
)
def test_what_is_not_there_is_404_in_json(officer: Any, address: str) -> None:
    answer = signed_in(officer).get(address)

    assert answer.status_code == 404
    assert answer.json()["type"] == "client_error"


def test_errors_are_told_in_the_language_asked_for(officer: Any) -> None:
    client = signed_in(officer)

    english = client.get("/api/v1/cases/?borrower=x", headers={"accept-language": "en"}).json()["errors"][0]
    chinese = client.get("/api/v1/cases/?borrower=x", headers={"accept-language": "zh-hans"}).json()["errors"][0]

    assert (english["attr"], english["detail"]) == ("borrower", "Enter a whole number.")
    assert chinese["detail"] == "输入整数。"
