"""Sealed columns: ciphertext in the database, opened on read, bound to their row, and found by a blind index."""

import pytest
from django.db import connection

from backoffice.core.sealed.sealing import SealBroken, blind_index
from cases.models import Borrower
from tests.factories.portfolio import make_borrower


def test_sealed_name_is_ciphertext_in_the_database_and_opens_on_read(shanghai):
    borrower = make_borrower(territory=shanghai, name="王小明")

    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM cases_borrower WHERE id = %s", [borrower.pk])
        stored = bytes(cursor.fetchone()[0])

    assert "王小明".encode() not in stored
    assert Borrower.objects.get(pk=borrower.pk).name == "王小明"
    assert Borrower.objects.get(pk=borrower.pk).masked_name == "王*明"


def test_sealed_value_of_another_row_does_not_open(shanghai):
    one = make_borrower(territory=shanghai, name="王小明")
    two = make_borrower(territory=shanghai, name="李四")
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE cases_borrower SET name = (SELECT name FROM cases_borrower WHERE id = %s) WHERE id = %s",
            [one.pk, two.pk],
        )

    with pytest.raises(SealBroken):
        _ = Borrower.objects.get(pk=two.pk).name


def test_blind_index_finds_a_name_however_it_is_spaced(shanghai):
    borrower = make_borrower(territory=shanghai, name="王小明")

    found = Borrower.objects.get(name_index=blind_index(text=" 王 小明", kind="name"))

    assert found == borrower


def test_sealed_field_refuses_update_without_a_row(shanghai):
    make_borrower(territory=shanghai)

    with pytest.raises(TypeError, match="sealed"):
        Borrower.objects.update(name="李四")


def test_saving_an_unread_row_keeps_its_sealed_value(shanghai):
    borrower = Borrower.objects.get(pk=make_borrower(territory=shanghai, name="王小明").pk)

    borrower.save()

    assert Borrower.objects.get(pk=borrower.pk).name == "王小明"
    assert bytes(Borrower.objects.get(pk=borrower.pk).name_index) == blind_index(text="王小明", kind="name")
