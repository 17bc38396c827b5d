"""How an error looks to a REST client."""

from types import SimpleNamespace
from typing import Any

import pytest
from django.db import InterfaceError, OperationalError, ProgrammingError, connection, transaction
from django.test import Client, RequestFactory
from django.utils.translation import override
from rest_framework.request import Request

from backoffice.core.errors import DoorstepError, InvalidInput, Missing, NotAllowed, SelfApproval, StateConflict
from backoffice.core.rest.answers import exception_handler
from backoffice.core.sealed.kept_files import StorageFull
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


class WithProblems(DoorstepError):
    """A refusal for several reasons."""

    problems = (
        SimpleNamespace(field="opened_on", code="too_early", message="Too early."),
        SimpleNamespace(field="opened_on", code="weekend", message="A Sunday."),
        SimpleNamespace(field="", code="closed", message="Closed."),
    )


class KeyReused(DoorstepError):
    code = "key_reused"
    unprocessable = True


def answered(error):
    """Return status, type and (code, attr, detail) of each error, as a client gets them in English."""
    context = {"request": Request(RequestFactory().get("/")), "view": None, "args": (), "kwargs": {}}
    with override("en"):
        answer = exception_handler(error, context)
        found = [(each["code"], each["attr"], str(each["detail"])) for each in answer.data["errors"]]
    return answer.status_code, str(answer.data["type"]), found


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (StateConflict("Gone."), (409, "client_error", [("state_conflict", None, "Gone.")])),
        (NotAllowed("No."), (403, "client_error", [("not_allowed", None, "No.")])),
        (SelfApproval("Not you."), (403, "client_error", [("self_approval", None, "Not you.")])),
        (Missing("No rule."), (404, "client_error", [("missing", None, "No rule.")])),
        (
            StorageFull(),
            (
                507,
                "server_error",
                [
                    (
                        "storage_full",
                        None,
                        "There is no room to keep the file, and nothing of it was kept. Send it again later.",
                    )
                ],
            ),
        ),
        (KeyReused("Twice."), (422, "client_error", [("key_reused", None, "Twice.")])),
        (InvalidInput("No day.", field="day"), (400, "validation_error", [("invalid_input", "day", "No day.")])),
        (InvalidInput("No."), (400, "validation_error", [("invalid_input", None, "No.")])),
        (DoorstepError("No."), (400, "validation_error", [("refused", None, "No.")])),
        (
            WithProblems(),
            (
                400,
                "validation_error",
                [
                    ("too_early", "opened_on", "Too early."),
                    ("weekend", "opened_on", "A Sunday."),
                    ("closed", "non_field_errors", "Closed."),
                ],
            ),
        ),
    ],
)
def test_a_refusal_keeps_its_code_its_words_and_its_field(error, expected):
    assert answered(error) == expected


@pytest.mark.parametrize(
    ("sqlstate", "code", "words"),
    [
        ("55P03", "busy", "Somebody else is changing this right now. Send the request again in a moment."),
        ("40P01", "busy", "Somebody else is changing this right now. Send the request again in a moment."),
        ("40001", "busy", "Somebody else is changing this right now. Send the request again in a moment."),
        (
            "57P01",
            "database_away",
            "The database cannot be reached. Nothing was half saved; try again in a moment.",
        ),
    ],
)
def test_an_error_of_the_database_that_passes_is_503(db, sqlstate, code, words):
    with pytest.raises(OperationalError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"DO $$ BEGIN RAISE EXCEPTION 'x' USING ERRCODE = '{sqlstate}'; END $$")

    assert answered(error.value) == (503, "server_error", [(code, None, words)])


def test_a_database_that_is_away_says_when_to_try_again(db):
    context = {"request": Request(RequestFactory().get("/")), "view": None, "args": (), "kwargs": {}}

    assert exception_handler(InterfaceError("connection already closed"), context)["Retry-After"] == "10"


def test_a_defect_is_500_and_tells_nothing_about_itself(db):
    with pytest.raises(ProgrammingError) as error, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT * FROM no_such_table")

    assert answered(error.value) == (500, "server_error", [("error", None, "Server Error (500)")])
