"""The migration that seals income and expenses of plans: nothing is lost, nothing stays in clear, and it can be reversed."""

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cases.models import Decision
from cases.rules.plans.means import means_of
from tests.factories.casework import make_decision
from tests.factories.portfolio import make_overdue

BEFORE = ("cases", "0054_sealed_means_of_plans")
FIGURES = {"monthly_income": "8000.00", "monthly_expenses": "6900.00", "affordable": "770.00"}


def migrate(*targets):
    executor = MigrationExecutor(connection)
    executor.migrate(list(targets))


@pytest.fixture
def latest():
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield leaves
    migrate(*leaves)


@pytest.mark.owner_rights
@pytest.mark.django_db(transaction=True)
def test_means_are_sealed_and_opened_again(latest, shanghai, officer):
    terms = {"total": "100.00", "instalments": 12, "means_verified": False}
    with_means, without = (
        make_decision(account=make_overdue(territory=shanghai), kind="PLAN", proposed_by=officer, terms=terms | more)
        for more in (FIGURES, {})
    )
    migrate(BEFORE)

    migrate(*latest)

    sealed = Decision.objects.get(pk=with_means.pk)
    # What is left of the income is worked out when they are read.
    assert (sealed.terms, means_of(text=sealed.means)) == (terms, FIGURES | {"surplus": "1100.00"})
    assert Decision.objects.get(pk=without.pk).means_ref is None
    migrate(BEFORE)
    assert Decision.objects.values_list("terms", flat=True).get(pk=with_means.pk) == terms | FIGURES
