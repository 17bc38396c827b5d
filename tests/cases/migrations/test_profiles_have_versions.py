"""The migration that gives profiles versions: what is there stays in use, and it can be reversed."""

from importlib import import_module

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from cases.models import IntakeProfileVersion
from cases.selectors.intake.profiles import get_profile
from tests.cases.services.intake.samples import PROFILE

APP = "cases"
BEFORE = import_module("cases.migrations.0033_profiles_have_versions").Migration.dependencies[0]


@pytest.fixture
def latest():
    leaves = MigrationExecutor(connection).loader.graph.leaf_nodes()
    yield next(node for node in leaves if node[0] == APP)
    MigrationExecutor(connection).migrate(leaves)


def old_profiles():
    MigrationExecutor(connection).migrate([BEFORE])
    return MigrationExecutor(connection).loader.project_state([BEFORE]).apps.get_model(APP, "IntakeProfile").objects


@pytest.mark.owner_rights
@pytest.mark.django_db(transaction=True)
def test_a_profile_that_is_there_becomes_a_version_in_use_and_back(latest):
    kept = old_profiles().create(name="own", kind="ACCOUNTS", body=PROFILE)

    MigrationExecutor(connection).migrate([latest])

    version = IntakeProfileVersion.objects.get()
    assert (version.profile.name, version.profile.kind, version.number, version.body, version.state) == (
        "own",
        "ACCOUNTS",
        1,
        PROFILE,
        "ACTIVE",
    )
    assert (version.made_by, version.approved_by) == (None, None)
    assert version.created_at == version.updated_at == version.profile.created_at == kept.updated_at
    assert get_profile(name="own").version_id == version.pk

    assert list(old_profiles().values_list("name", "kind", "body")) == [("own", "ACCOUNTS", PROFILE)]
