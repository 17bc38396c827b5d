"""The desk of terms: what is in trouble is seen by who approves, and instructed again by a button."""

import pytest

from cases.models import AccountTerm, TermsChange
from cases.services.decisions.acknowledgements import acknowledge_terms_change
from cases.services.decisions.lifecycle import approve_decision
from tests.factories.casework import AT, make_decision
from tests.factories.portfolio import make_overdue
from tests.factories.requests import signed_in


@pytest.fixture
def term(shanghai, approver):
    account = make_overdue(territory=shanghai)
    approve_decision(
        decision=make_decision(account=account, kind="FREEZE"), actor=approver, at=AT, note="Evidence read"
    )
    key = TermsChange.objects.get().effect_key
    acknowledge_terms_change(effect_key=key, accepted=False, refused_reason="busy", actor=None, at=AT)
    return AccountTerm.objects.get()


def test_an_approver_finds_trouble_from_the_home_page_and_instructs_again(term, approver):
    client = signed_in(approver)
    address = f"/admin/cases/accountterm/{term.pk}/"
    home = client.get("/admin/").content.decode()
    listed = client.get("/admin/cases/accountterm/?trouble__in=REFUSED,SILENT,OTHER_VALUE,DIFFERS").content.decode()
    assert "/admin/cases/accountterm/?trouble__in=" in home
    assert address in listed

    answer = client.post(f"{address}instruct_again/", {"_form_submitted": "1"})

    assert answer.status_code == 302
    assert list(TermsChange.objects.order_by("version").values_list("version", "after")) == [
        (1, "FROZEN"),
        (2, "FROZEN"),
    ]
    term.refresh_from_db()
    assert term.trouble == ""
    assert f"{address}instruct_again/" not in client.get(f"{address}change/").content.decode()


def test_an_officer_sees_the_term_and_has_no_button(term, officer):
    client = signed_in(officer)

    assert (
        f"/{term.pk}/instruct_again/" not in client.get(f"/admin/cases/accountterm/{term.pk}/change/").content.decode()
    )
    assert client.get(f"/admin/cases/accountterm/{term.pk}/instruct_again/").status_code == 403


def test_another_approver_accepts_the_core_value_with_a_note(shanghai, approver, person):
    account = make_overdue(territory=shanghai)
    approve_decision(
        decision=make_decision(account=account, kind="LIMIT_CUT"), actor=approver, at=AT, note="Evidence read"
    )
    key = TermsChange.objects.get().effect_key
    acknowledge_terms_change(effect_key=key, accepted=True, value="45000", actor=None, at=AT)
    term = AccountTerm.objects.get()
    address = f"/admin/cases/accountterm/{term.pk}/"
    client = signed_in(person("APPROVER", name="another"))
    page = client.get(f"{address}change/").content.decode()
    assert f"{address}accept_core_value/" in page
    assert "45,000.00" in page
    assert 'value="45000.00"' in client.get(f"{address}accept_core_value/").content.decode()

    unsaid = client.post(f"{address}accept_core_value/", {"_form_submitted": "1", "value": "45000.00", "note": ""})
    answer = client.post(
        f"{address}accept_core_value/", {"_form_submitted": "1", "value": "45000.00", "note": "The branch agreed it"}
    )

    assert (unsaid.status_code, answer.status_code) == (200, 302)
    term.refresh_from_db()
    assert (term.base, term.trouble) == ("45000.00", "")
    page = client.get(f"{address}change/").content.decode()
    assert "The branch agreed it" in page
    assert f"{address}accept_core_value/" not in page


def test_no_value_is_accepted_where_the_core_named_none(term, approver):
    client = signed_in(approver)
    address = f"/admin/cases/accountterm/{term.pk}/"

    assert f"{address}accept_core_value/" not in client.get(f"{address}change/").content.decode()
