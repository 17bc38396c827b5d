"""Every field that a profile of accounts can fill has a staged column."""

import pytest

from cases.rules.profile.fields import ACCOUNT as ACCOUNT_FIELDS
from cases.rules.profile.fields import ADDRESS as ADDRESS_FIELDS
from cases.rules.profile.fields import REPAYMENT as REPAYMENT_FIELDS
from cases.rules.profile.fields import STATEMENT as STATEMENT_FIELDS
from cases.services.intake.accounts.tables import ACCOUNT, ADDRESS, REPAYMENT, STATEMENT
from cases.services.intake.staging import Target


@pytest.mark.parametrize(
    ("target", "fields", "own"),
    [
        (ACCOUNT, ACCOUNT_FIELDS, {"borrower_ref", "source_digest"}),
        (STATEMENT, STATEMENT_FIELDS, {"account_ref"}),
        (REPAYMENT, REPAYMENT_FIELDS, {"account_ref"}),
        # Latitude and longitude are sealed together as the point.
        (
            ADDRESS,
            set(ADDRESS_FIELDS) - {"latitude", "longitude"} | {"point"},
            {"borrower_ref", "external_ref", "door_index"},
        ),
    ],
    ids=["account", "statement", "repayment", "address"],
)
def test_every_field_is_staged(target: Target, fields: set[str], own: set[str]) -> None:
    assert {name for name, _type in target.staged} == set(fields) | own
