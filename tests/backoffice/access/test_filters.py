"""Lists filtered by territory."""

from django.urls import reverse

from tests.factories.portfolio import make_account, make_borrower


def test_territory_filter_offers_only_visible_territories(client, officer, shanghai, chengdu):
    make_account(borrower=make_borrower(territory=shanghai))
    client.force_login(officer)

    text = client.get(reverse("admin:cases_account_changelist")).content.decode()

    assert shanghai.name in text
    assert chengdu.name not in text
