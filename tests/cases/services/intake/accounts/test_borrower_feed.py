"""Customers without accounts, and telephones and addresses one a row."""

from pathlib import Path
from typing import Any

import pytest

from backoffice.core.sealed.sealing import blind_index
from cases.models import Address, Borrower, BorrowerPhone, DoubtfulCell, IntakeReject
from cases.rules.profile.parse import parse_profile
from tests.cases.services.intake.account_files import account_file, counts, take
from tests.clear_text import tables_with

CUSTOMERS = parse_profile(
    text="""
kind = "BORROWERS"
identity_numbers = "cn"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "customer" }
territory = "310000"
name = { column = "name" }
id_number = { column = "id" }
[[phones]]
number = { column = "phone" }
""",
    name="customers",
)
DETAILS = parse_profile(
    text="""
kind = "CONTACT_DETAILS"
[contact_detail]
borrower = { column = "customer" }
[[phones]]
number = { column = "phone" }
[[addresses]]
line = { column = "address" }
latitude = { column = "lat" }
longitude = { column = "lon" }
""",
    name="details",
)
HEADER = "customer,name,id,phone"


def customers(tmp_path: Path, *rows: str) -> Any:
    return take(account_file(tmp_path, *rows, header=HEADER), profile=CUSTOMERS)


def details(tmp_path: Path, *rows: str) -> Any:
    return take(account_file(tmp_path, *rows, header="customer,phone,address,lat,lon"), profile=DETAILS)


def numbers() -> list[tuple[str, str]]:
    return [(p.borrower.external_ref, p.number) for p in BorrowerPhone.objects.order_by("borrower", "pk")]


def test_a_file_of_customers_makes_and_changes_borrowers(db: Any, tmp_path: Path) -> None:
    rows = ["P1,张小三,99999919850101123X,13900000060", "P1,张小三,99999919850101123X,13900000061"]

    first = customers(tmp_path, *rows, "P2,李四,310101199001010010,无")
    again = customers(tmp_path, *rows, "P2,李四,310101199001010010,无")
    changed = customers(tmp_path, *rows, "P2,李小四,,13900000062")

    assert [counts(result) for result in (first, again, changed)] == [
        (3, 3, 0, 0, 0),
        (3, 0, 0, 3, 0),
        (3, 0, 1, 2, 0),
    ]
    assert sorted(numbers()) == [("P1", "+8613900000060"), ("P1", "+8613900000061"), ("P2", "+8613900000062")]
    assert [(b.name, b.territory.code) for b in Borrower.objects.order_by("pk")] == [
        ("张小三", "310000"),
        ("李小四", "310000"),
    ]
    assert [(d.field, d.state) for d in DoubtfulCell.objects.all()] == [("borrower.id_number", "GONE")]
    assert tables_with("13900000060") == []


def test_a_file_of_details_adds_to_known_borrowers(db: Any, tmp_path: Path) -> None:
    customers(tmp_path, "P1,张小三,,13900000060", "P2,李四,,")
    rows = ["P1,+86 139 0000 0060,,,", "P1,13900000061/123,,,", "P2,,示范路1号,31.2,121.4", "P9,13900000062,,,"]

    first, again = details(tmp_path, *rows), details(tmp_path, *rows)

    assert [counts(first), counts(again)] == [(4, 0, 3, 0, 1), (4, 0, 0, 3, 1)]
    assert numbers() == [("P1", "+8613900000060"), ("P1", "+8613900000061")]
    address = Address.objects.get()
    assert (address.borrower.external_ref, address.line, address.coordinates) == ("P2", "示范路1号", (31.2, 121.4))
    assert [(d.borrower.external_ref, d.value) for d in DoubtfulCell.objects.all()] == [("P1", "123")]
    assert set(IntakeReject.objects.values_list("row_number", "field")) == {(5, "contact_detail.borrower")}


def test_a_new_customer_without_a_territory_is_refused(db: Any, tmp_path: Path) -> None:
    text = 'kind = "BORROWERS"\n[borrower]\nexternal_ref = { column = "customer" }\nname = { column = "name" }\n'
    profile = parse_profile(text=text, name="bare")
    customers(tmp_path, "P1,张小三,,")

    result = take(account_file(tmp_path, "P1,张三丰,,", "P2,李四,,", header=HEADER), profile=profile)

    assert counts(result) == (2, 0, 1, 0, 1)
    assert IntakeReject.objects.get().field == "borrower.territory"
    assert bytes(Borrower.objects.get().name_index) == blind_index(text="张三丰", kind="name")


@pytest.mark.parametrize("dry_run", [True])
def test_a_dry_run_of_customers_writes_none(db: Any, tmp_path: Path, dry_run: bool) -> None:
    result = take(account_file(tmp_path, "P1,张小三,,", header=HEADER), profile=CUSTOMERS, dry_run=dry_run)

    assert counts(result) == (1, 1, 0, 0, 0)
    assert Borrower.objects.count() == 0
