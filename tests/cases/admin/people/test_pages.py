"""Pages about people: side by side and masked, buttons by state and role, hints, and what a borrower's page says."""

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from cases.models import DifferentPeople, Person, PersonMerge
from cases.services.merges.decisions import approve_merge
from cases.services.people.suggestions import suggest_people
from tests.factories.people import make_sharing, merged, partition, suggested
from tests.factories.portfolio import AT, make_account, make_borrower

NUMBER = "999999198501017770"


@pytest.fixture
def pages(client: Client) -> Any:
    """Return a function that opens a page in English as somebody: pages(user, "personmerge", pk)."""

    def opened(user: Any, model: str, pk: Any = None, **query: Any) -> Any:
        client.force_login(user)
        client.cookies["django_language"] = "en"
        name = f"admin:cases_{model}_{'changelist' if pk is None else 'change'}"
        return client.get(reverse(name, args=[] if pk is None else [pk]), query)

    return opened


def press(client: Client, user: Any, model: str, pk: int, button: str, **values: Any) -> Any:
    client.force_login(user)
    address = reverse(f"admin:cases_{model}_{button}", args=[pk])
    return client.post(address, {"_form_submitted": "on", **values})


def buttons(response: Any) -> list[str]:
    return [action["path"].strip("/").rpartition("/")[2] for action in response.context.get("actions_detail", [])]


def test_borrowers_stand_side_by_side_and_masked(shanghai: Any, approver: Any, pages: Any) -> None:
    one = make_borrower(territory=shanghai, name="张小三", id_number=NUMBER)
    two = make_borrower(territory=shanghai, name="李小四", id_number=NUMBER)
    account = make_account(borrower=one, days_past_due=95, arrears_amount="1234.50")
    make_account(borrower=one, days_past_due=3, arrears_amount="0.50")
    merge = suggested(one, two)

    text = pages(approver, "personmerge", merge.pk).content.decode()

    for word in (one.external_ref, two.external_ref, account.external_ref, "CNY 1,235.00", "95", "Shanghai"):
        assert word in text, word
    assert "The names differ: one number with two names" in text
    assert one.masked_id_number in text
    assert [clear for clear in ("张小三", "李小四", NUMBER) if clear in text] == []
    listed = pages(approver, "personmerge").content.decode()
    assert "Names differ" in listed
    assert "CNY 1,235.00" in listed
    assert [clear for clear in ("张小三", "李小四", NUMBER) if clear in listed] == []


def test_buttons_decide(shanghai: Any, client: Client, approver: Any, risk_manager: Any) -> None:
    one, two = make_sharing(territory=shanghai)
    merge = suggested(one, two)

    press(client, approver, "personmerge", merge.pk, "approve")
    assert partition() == [sorted((one.external_ref, two.external_ref))]
    # Who approved it does not undo it; the refusal stands in the dialog.
    refused = press(client, approver, "personmerge", merge.pk, "undo")
    assert refused.status_code == 200
    merge.refresh_from_db()
    assert merge.state == "APPROVED"
    press(client, risk_manager, "personmerge", merge.pk, "undo")
    merge.refresh_from_db()
    assert (merge.state, merge.reviewed_by) == ("UNDONE", risk_manager)

    again = suggested(*make_sharing(territory=shanghai, number="999999199001010011"))
    press(client, approver, "personmerge", again.pk, "refuse")
    assert DifferentPeople.objects.filter(merge=again).count() == 1


def test_merge_whose_numbers_differ_by_now_is_kept_by_a_button(
    shanghai: Any, client: Client, approver: Any, risk_manager: Any, pages: Any
) -> None:
    one, two = make_sharing(territory=shanghai)
    merge = merged(one, two, approver=approver)
    two.id_number = "999999199001010011"
    two.save(update_fields=["id_number", "id_number_index"])
    suggest_people(at=AT)
    assert "these borrowers no longer share one" in pages(risk_manager, "personmerge", merge.pk).content.decode()

    press(client, risk_manager, "personmerge", merge.pk, "keep")

    merge.refresh_from_db()
    assert (merge.state, merge.reviewed_by) == ("APPROVED", risk_manager)


def test_suggestion_is_made_on_the_page_of_a_borrower(
    shanghai: Any, client: Client, officer: Any, approver: Any, pages: Any
) -> None:
    one, two = (make_borrower(territory=shanghai, id_number="") for _one in range(2))

    refused = press(client, officer, "borrower", one.pk, "suggest_merge", other_ref="nobody", ground="DOCUMENT_SEEN")
    assert "您有权查看" in refused.content.decode()
    assert PersonMerge.objects.count() == 0
    press(client, officer, "borrower", one.pk, "suggest_merge", other_ref=two.external_ref, ground="DOCUMENT_SEEN")

    merge = PersonMerge.objects.get()
    assert (merge.suggested_by, merge.ground) == (officer, "DOCUMENT_SEEN")
    assert f"{merge} · Suggested" in pages(officer, "borrower", one.pk).content.decode()
    approve_merge(merge=merge, actor=approver, at=AT)
    page = pages(officer, "borrower", one.pk).content.decode()
    assert reverse("admin:cases_borrower_change", args=[two.pk]) in page
    assert f"{merge} · Merged" in page
    person = Person.objects.get()
    page = pages(officer, "person", person.pk).content.decode()
    assert all(word in page for word in (one.external_ref, two.external_ref, str(merge)))


def test_borrower_of_another_territory_is_not_named_on_the_page(
    shanghai: Any, chengdu: Any, officer: Any, risk_manager: Any, pages: Any
) -> None:
    here = make_borrower(territory=shanghai, id_number=NUMBER)
    there = make_borrower(territory=chengdu, id_number=NUMBER)
    merge = merged(here, there, approver=risk_manager)

    page = pages(officer, "borrower", here.pk).content.decode()

    assert there.external_ref not in page
    assert str(merge) not in page
    assert pages(officer, "person", Person.objects.get().pk).status_code == 302
    assert there.external_ref in pages(risk_manager, "borrower", here.pk).content.decode()


def test_numbers_used_by_many_stand_above_the_list(
    shanghai: Any, approver: Any, general_approver: Any, pages: Any
) -> None:
    make_sharing(territory=shanghai, count=21, number=NUMBER)
    suggest_people(at=AT)

    said = "Numbers that too many borrowers have to be one person"
    assert said in pages(general_approver, "personmerge").content.decode()
    assert "21 borrowers" in pages(general_approver, "personmerge").content.decode()
    # The borrowers of such a number are in any territory.
    assert said not in pages(approver, "personmerge").content.decode()
    assert "7770" in pages(general_approver, "sharednumber").content.decode()


@pytest.mark.parametrize(
    ("model", "hint"),
    [
        ("personmerge", "Borrowers with one identity number are found after each intake and every night"),
        ("person", "Approve a suggested merge, or suggest one on a borrower"),
        ("sharednumber", "No identity number has more than 20 borrowers"),
    ],
)
def test_empty_lists_say_what_to_do_next(auditor: Any, pages: Any, model: str, hint: str) -> None:
    assert hint in pages(auditor, model).content.decode()
