"""Suggested merges through the REST doors: what is shown, who decides, and the person of a borrower."""

from typing import Any

import pytest
from django.test import Client

from cases.models import Borrower, PersonMerge
from tests.factories.people import make_sharing, partition, suggested
from tests.factories.portfolio import make_borrower
from tests.factories.requests import post, signed_in

NUMBER = "999999198501017770"


def shown(user: Any, address: str) -> Any:
    answer = signed_in(user).get(address)
    return answer.json() if answer.status_code == 200 else answer.status_code


def test_merge_is_shown_masked_with_its_borrowers(shanghai: Any, approver: Any) -> None:
    one, two = make_sharing(territory=shanghai, name="张小三", number=NUMBER)
    merge = suggested(one, two)

    body = shown(approver, f"/api/v1/person-merges/{merge.pk}/")

    assert {
        name: body[name] for name in ("number", "ground", "state", "names_differ", "suggested_by", "decided_by")
    } == {
        "number": f"M{merge.pk:07d}",
        "ground": "SAME_ID_NUMBER",
        "state": "SUGGESTED",
        "names_differ": False,
        "suggested_by": None,
        "decided_by": None,
    }
    assert body["borrowers"] == [
        {
            "borrower": each.pk,
            "external_ref": each.external_ref,
            "name": each.masked_name,
            "id_number": each.masked_id_number,
            "territory": "310000",
            "person": None,
        }
        for each in (one, two)
    ]
    assert NUMBER not in str(body)
    assert "张小三" not in str(body)


def test_decisions_go_through_the_doors(shanghai: Any, approver: Any, risk_manager: Any, officer: Any) -> None:
    one, two, three = (make_borrower(territory=shanghai, id_number="") for _one in range(3))

    def suggest(first: Borrower, second: Borrower) -> str:
        answer = post(
            officer,
            "/api/v1/person-merges/",
            {"borrower": first.pk, "other_ref": second.external_ref, "ground": "BORROWER_SAYS"},
        )
        assert answer.status_code == 201
        return f"/api/v1/person-merges/{answer.json()['id']}"

    first, second = suggest(one, two), suggest(two, three)
    answers = [
        post(approver, f"{first}/approve/", {}),
        post(approver, f"{first}/approve/", {}),
        post(approver, f"{first}/undo/", {}),
        post(officer, f"{second}/refuse/", {}),
        post(approver, f"{second}/refuse/", {}),
        post(risk_manager, f"{second}/keep/", {}),
    ]

    assert [(answer.status_code, answer.json().get("state")) for answer in answers] == [
        (200, "APPROVED"),
        (409, None),
        (403, None),
        (403, None),
        (200, "REFUSED"),
        (409, None),
    ]
    one.refresh_from_db()
    assert shown(approver, f"/api/v1/borrowers/{one.pk}/")["person"] == one.person_id is not None
    listed = shown(approver, f"/api/v1/borrowers/?person={one.person_id}")["results"]
    assert sorted(row["id"] for row in listed) == [one.pk, two.pk]
    assert post(risk_manager, f"{first}/undo/", {}).json()["state"] == "UNDONE"
    assert partition() == []


def test_merge_across_territories_is_seen_by_who_sees_all(
    shanghai: Any, chengdu: Any, approver: Any, general_approver: Any, auditor: Any
) -> None:
    merge = suggested(
        make_borrower(territory=shanghai, id_number=NUMBER), make_borrower(territory=chengdu, id_number=NUMBER)
    )
    address = f"/api/v1/person-merges/{merge.pk}/"

    assert shown(approver, address) == 404
    assert post(approver, f"{address}approve/", {}).status_code == 404
    assert [shown(user, address)["id"] for user in (general_approver, auditor)] == [merge.pk, merge.pk]


@pytest.mark.parametrize(("query", "found"), [("state=SUGGESTED", 1), ("state=APPROVED", 0), ("names_differ=true", 0)])
def test_list_is_filtered(shanghai: Any, approver: Any, query: str, found: int) -> None:
    borrowers = make_sharing(territory=shanghai)
    suggested(*borrowers)

    both = f"{query}&borrower={borrowers[0].pk}"
    assert len(shown(approver, f"/api/v1/person-merges/?{both}")["results"]) == found


def test_suggestion_without_a_sound_input_is_400(shanghai: Any, officer: Any) -> None:
    one = make_borrower(territory=shanghai)
    for body, field in (
        ({"borrower": one.pk, "other_ref": "nobody", "ground": "BORROWER_SAYS"}, "other_ref"),
        ({"borrower": one.pk, "other_ref": "B", "ground": "SAME_ID_NUMBER"}, "ground"),
        ({"other_ref": "B", "ground": "LENDER_SAYS"}, "borrower"),
    ):
        answer = post(officer, "/api/v1/person-merges/", body)
        assert (answer.status_code, answer.json()["errors"][0]["attr"]) == (400, field)
    assert PersonMerge.objects.count() == 0
    assert Client().get("/api/v1/person-merges/").status_code in (401, 403)
