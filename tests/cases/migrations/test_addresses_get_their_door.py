"""The migration that gives each address the index of its door."""

from importlib import import_module
from types import SimpleNamespace

import pytest
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from backoffice.core.sealed.sealing import blind_index
from cases.models import Address
from tests.factories.portfolio import make_address, make_borrower

index_doors = import_module("cases.migrations.0039_addresses_get_their_door").index_doors
BEFORE = ("cases", "0037_holidays_are_entered")


@pytest.mark.owner_rights
@pytest.mark.django_db(transaction=True)
def test_addresses_get_the_index_of_their_door(shanghai):
    executor = MigrationExecutor(connection)
    leaves = executor.loader.graph.leaf_nodes()
    borrower = make_borrower(territory=shanghai, id_number="")
    lines = ("幸福路8号3栋501室", "上海市幸福路8号3幢501", "李家村", "")
    addresses = [make_address(borrower=borrower, line=line) for line in lines]
    MigrationExecutor(connection).migrate([BEFORE])
    MigrationExecutor(connection).migrate(leaves)
    # One that was interrupted after it had written some doors begins again.
    index_doors(None, SimpleNamespace(connection=connection))

    index = blind_index(text="幸福路8-3-501", kind="door")
    assert index != b""
    found = [bytes(Address.objects.get(pk=each.pk).door_index) for each in addresses]
    assert found == [index, index, b"", b""]
