"""Set-based SQL: inserts from querysets, literals of enum words, values inlined by the driver."""

from typing import Any

import pytest
from django.db import connection, transaction
from django.db.models import F, Value

from backoffice.core.batches import (
    inlined,
    insert_copies,
    insert_select,
    joined_by_hash,
    literal,
    literals,
    update_each,
)
from cases.enums import CaseStage
from cases.models import Borrower, CaseEvent, DueEvaluation
from tests.factories.casework import make_case
from tests.factories.portfolio import AT, make_account, make_borrower

COLUMNS = ("borrower_id", "due_at", "attempts", "last_error")


def rows() -> Any:
    return Borrower.objects.order_by("pk").values_list("pk", Value(AT), Value(0), Value(""))


def test_insert_select_writes_each_row_once_and_counts_it(shanghai: Any) -> None:
    people = [make_borrower(territory=shanghai) for _ in range(3)]

    with transaction.atomic():
        written = [insert_select(model=DueEvaluation, columns=COLUMNS, rows=rows()) for _twice in range(2)]

    assert written == [3, 0]
    assert list(DueEvaluation.objects.order_by("borrower_id").values_list("borrower_id", flat=True)) == [
        borrower.pk for borrower in people
    ]


@pytest.mark.django_db(transaction=True)
def test_insert_select_needs_a_transaction(shanghai: Any) -> None:
    make_borrower(territory=shanghai)

    with pytest.raises(RuntimeError):
        insert_select(model=DueEvaluation, columns=COLUMNS, rows=rows())
    assert DueEvaluation.objects.count() == 0


@pytest.mark.django_db
def test_joined_by_hash_forbids_nested_loops_inside_the_block_only() -> None:
    def setting() -> str:
        with connection.cursor() as cursor:
            cursor.execute("SHOW enable_nestloop")
            return str(cursor.fetchone()[0])

    with transaction.atomic():
        with joined_by_hash():
            inside = setting()
        assert (inside, setting()) == ("off", "on")


@pytest.mark.parametrize("text", ["it's", "100%", "%s", "a\\b", '"'])
def test_inlined_values_survive_execution_with_parameters(shanghai: Any, text: str) -> None:
    make_borrower(territory=shanghai)
    sql = inlined(Borrower.objects.annotate(text=Value(text)).values_list("text"))

    with connection.cursor() as cursor:
        cursor.execute(f"SELECT * FROM ({sql}) inner_rows WHERE %(yes)s", {"yes": True})  # noqa: S608 - our own text
        assert cursor.fetchall() == [(text,)]


def test_inlined_keeps_columns_as_columns(shanghai: Any) -> None:
    borrower = make_borrower(territory=shanghai)

    with connection.cursor() as cursor:
        cursor.execute(inlined(Borrower.objects.annotate(again=F("pk")).values_list("again")), {})
        assert cursor.fetchall() == [(borrower.pk,)]


def test_literals_are_sorted_words_of_an_enum() -> None:
    assert literal(CaseStage.CLOSED) == "'CLOSED'"
    assert literals({CaseStage.OPEN, CaseStage.IN_WORK}) == "('IN_WORK', 'OPEN')"
    assert literals(()) == "(NULL)"


@pytest.mark.parametrize("word", ["", "open", "A B", "X'; DROP TABLE x", "A%", "开"])
def test_literal_refuses_anything_else(word: str) -> None:
    with pytest.raises(ValueError, match="no word of an enum"):
        literal(word)
    with pytest.raises(ValueError, match="no word of an enum"):
        literals([word])


def test_insert_copies_writes_the_template_with_each_value_and_returns_keys(shanghai: Any) -> None:
    people = [make_borrower(territory=shanghai) for _ in range(2)]
    template = DueEvaluation(due_at=AT, attempts=3, last_error="o'clock\t\\")

    with transaction.atomic():
        nothing = insert_copies(template=template, columns={"borrower_id": []}, key="borrower_id")
        keys = insert_copies(
            template=template,
            columns={"borrower_id": [person.pk for person in people], "attempts": [1, 2]},
            conflict="DO NOTHING",
        )

    assert (nothing, keys) == ({}, {})
    rows = DueEvaluation.objects.order_by("borrower_id").values_list("borrower_id", "due_at", "attempts", "last_error")
    assert list(rows) == [(person.pk, AT, n, "o'clock\t\\") for n, person in enumerate(people, start=1)]


def test_insert_copies_returns_the_key_of_each_row_and_keeps_json(shanghai: Any) -> None:
    case = make_case(account=make_account(borrower=make_borrower(territory=shanghai)))
    template = CaseEvent(kind="NOTE", at=AT, business_date=AT.date())
    bodies = [{"a": "\u4e2d\"'\\", "b": [1, None]}, {}]

    with transaction.atomic():
        insert_copies(template=template, columns={"case_id": [case.pk] * 2, "body": bodies})
        keys = insert_copies(template=template, columns={"case_id": [case.pk]}, key="case_id")

    lines = list(CaseEvent.objects.filter(kind="NOTE").order_by("pk"))
    assert [line.body for line in lines] == [*bodies, {}]
    assert keys == {case.pk: lines[-1].pk}


def test_insert_copies_refuses_columns_of_different_lengths(shanghai: Any) -> None:
    with transaction.atomic(), pytest.raises(ValueError, match="as many values"):
        insert_copies(template=DueEvaluation(), columns={"borrower_id": [1], "attempts": [1, 2]})
    assert DueEvaluation.objects.count() == 0


def test_update_each_writes_each_records_own_values_with_one_statement(
    shanghai: Any, chengdu: Any, django_assert_num_queries: Any
) -> None:
    one, other, third = (make_borrower(territory=shanghai) for _each in range(3))
    one.territory, one.last_app_login_at = chengdu, AT
    other.external_ref, other.last_app_login_at = "o'ther", None
    third.external_ref = "not written"

    with django_assert_num_queries(1):
        met = update_each(records=[one, other], fields=("territory", "external_ref", "last_app_login_at"))

    assert met == 2
    assert list(Borrower.objects.order_by("pk").values_list("territory", "external_ref", "last_app_login_at")) == [
        (chengdu.pk, one.external_ref, AT),
        (shanghai.pk, "o'ther", None),
        (shanghai.pk, Borrower.objects.get(pk=third.pk).external_ref, None),
    ]
    assert update_each(records=[], fields=("territory",)) == 0


@pytest.mark.django_db(transaction=True)
def test_update_each_needs_a_transaction(shanghai: Any) -> None:
    with pytest.raises(RuntimeError):
        update_each(records=[make_borrower(territory=shanghai)], fields=("external_ref",))
