"""Sealed columns: ciphertext in the database, opened on read, bound to their row, and found by a blind index."""

import pytest
from django.core.serializers import serialize
from django.db import connection

from backoffice.core.sealed.fields import sealed_value
from backoffice.core.sealed.sealing import SealBroken, blind_index
from cases.models import Borrower
from tests.factories.portfolio import AT, make_borrower


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


def test_a_sealed_field_is_not_searched_by_its_text(shanghai):
    make_borrower(territory=shanghai, name="王小明")

    with pytest.raises(TypeError, match=r"cases_borrower\.name is sealed"):
        Borrower.objects.filter(name="王小明").exists()


def test_the_same_text_is_another_ciphertext_in_each_row_and_each_column(shanghai):
    rows = [make_borrower(territory=shanghai, name="王小明", id_number="王小明") for _each in range(2)]

    with connection.cursor() as cursor:
        cursor.execute("SELECT name, id_number FROM cases_borrower")
        stored = {bytes(value) for row in cursor.fetchall() for value in row}

    assert len(stored) == 4
    assert {bytes(row.name_index) for row in Borrower.objects.all()} == {bytes(rows[0].name_index)}


def test_a_value_of_another_column_of_the_row_does_not_open(shanghai):
    borrower = make_borrower(territory=shanghai, name="王小明", id_number="310101199001011234")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_borrower SET name = id_number WHERE id = %s", [borrower.pk])

    with pytest.raises(SealBroken):
        _ = Borrower.objects.get(pk=borrower.pk).name


@pytest.mark.parametrize("text", ["", "x", "王小明", "a" * 10_000, "two\nlines", "0"])
def test_any_text_opens_as_it_was_sealed(shanghai, text):
    borrower = make_borrower(territory=shanghai, name=text)

    assert Borrower.objects.get(pk=borrower.pk).name == text


def test_a_row_is_listed_without_opening_anything(shanghai):
    one, two = make_borrower(territory=shanghai), make_borrower(territory=shanghai)
    with connection.cursor() as cursor:
        cursor.execute("UPDATE cases_borrower SET name = %s WHERE id = %s", [b"broken", one.pk])

    listed = list(Borrower.objects.order_by("pk"))

    assert listed == [one, two]
    assert listed[1].name == "张小三"
    with pytest.raises(SealBroken):
        _ = listed[0].name


def test_a_column_that_was_left_out_is_read_when_it_is_asked_for(shanghai, django_assert_num_queries):
    borrower = make_borrower(territory=shanghai, name="王小明")
    partial = Borrower.objects.only("external_ref").get(pk=borrower.pk)

    assert partial.name == "王小明"
    with django_assert_num_queries(0):
        assert partial.name == "王小明"


def test_update_takes_a_value_that_was_sealed_for_its_row(shanghai):
    borrower = make_borrower(territory=shanghai, name="王小明")
    field = Borrower._meta.get_field("name")

    ciphertext = field.sealed(text="李四", bound_to=borrower.external_ref)
    Borrower.objects.filter(pk=borrower.pk).update(name=ciphertext)

    assert "李四".encode() not in ciphertext
    assert Borrower.objects.get(pk=borrower.pk).name == "李四"


def test_what_was_sealed_before_saving_is_what_is_stored(shanghai):
    borrower = Borrower(external_ref="B-SEALED", name="王小明", territory=shanghai, created_at=AT, updated_at=AT)

    ciphertext = sealed_value(instance=borrower, name="name")
    borrower.save()

    with connection.cursor() as cursor:
        cursor.execute("SELECT name FROM cases_borrower WHERE id = %s", [borrower.pk])
        assert bytes(cursor.fetchone()[0]) == ciphertext
    assert borrower.name == "王小明"


def test_a_sealed_field_stands_in_no_form_and_no_export_of_rows(shanghai):
    borrower = make_borrower(territory=shanghai)
    field = Borrower._meta.get_field("name")

    assert field.formfield() is None
    with pytest.raises(TypeError, match="not serialised"):
        serialize("json", [borrower])


def test_a_blind_index_follows_its_field_when_the_row_is_saved(shanghai):
    borrower = make_borrower(territory=shanghai, name="王小明")

    borrower.name = "李四"
    borrower.save()

    found = Borrower.objects.filter(name_index=blind_index(text="李四", kind="name"))
    assert list(found) == [borrower]
    assert not Borrower.objects.filter(name_index=blind_index(text="王小明", kind="name")).exists()
