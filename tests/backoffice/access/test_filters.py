"""Lists filtered by territory."""

import pytest
from django.contrib import admin
from django.urls import reverse
from django.utils.translation import override

from backoffice.access.filters import territory_filter
from cases.models import Account
from tests.factories.portfolio import make_account, make_borrower


def test_territory_filter_offers_only_visible_territories(client, officer, shanghai, chengdu):
    make_account(borrower=make_borrower(territory=shanghai))
    client.force_login(officer)

    text = client.get(reverse("admin:cases_account_changelist")).content.decode()

    assert shanghai.name in text
    assert chengdu.name not in text


def test_the_filter_narrows_the_list_to_one_territory(client, auditor, shanghai, chengdu):
    here, there = (make_account(borrower=make_borrower(territory=place)) for place in (shanghai, chengdu))
    client.force_login(auditor)

    def listed(**query):
        answer = client.get(reverse("admin:cases_account_changelist"), query)
        return set(answer.context["cl"].queryset)

    assert listed() == {here, there}
    assert (listed(territory="310000"), listed(territory="510100")) == ({here}, {there})
    assert listed(territory="999999") == set()


def test_the_code_of_a_foreign_territory_shows_nothing(client, officer, shanghai, chengdu):
    make_account(borrower=make_borrower(territory=shanghai))
    make_account(borrower=make_borrower(territory=chengdu))
    client.force_login(officer)

    answer = client.get(reverse("admin:cases_account_changelist"), {"territory": "510100"})

    assert set(answer.context["cl"].queryset) == set()


@pytest.mark.parametrize(("language", "name"), [("zh-hans", "上海"), ("en", "Shanghai")])
def test_territories_are_offered_in_the_readers_language_by_their_codes(rf, auditor, shanghai, chengdu, language, name):
    request = rf.get("/")
    request.user = auditor
    filter_class = territory_filter("borrower__territory")

    with override(language):
        offered = filter_class(request, {}, Account, admin.site._registry[Account]).lookup_choices

    assert offered[0] == ("310000", name)
    assert [code for code, _name in offered] == ["310000", "510100"]
    assert filter_class.path == "borrower__territory"
