"""The export of a core as separate files loads with one profile: from a folder, from an archive, twice, in any spelling."""

from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any
from zipfile import ZipFile, ZipInfo

import pytest
from django.utils.translation import override

from backoffice.core.errors import InvalidInput, Missing
from cases.models import Account, Borrower, BorrowerPhone, RelatedPerson, Repayment
from cases.selectors.intake.profiles import usable_file_set
from cases.services.intake.take_in_set import take_in_set

AT = datetime(2026, 3, 2, 2, 0, 17, 482_913, tzinfo=UTC)
FILES = {
    "客户_20260302.csv": "客户号,姓名,证件号码,证件类型\nP1,张小三,110105491231002,身份证\n'P2,李四,E12345678,护照\n",
    "合同.csv": "合同号,客户号,机构,金额（万元）,年利率,数据日期\nL1,P1,310000,6.5,18%,2026/03/01\n"
    "L2,P1,510100,1,15.5%,2026/03/01\nL3,P2,510100,2,12%,2026/03/01\n",
    "联系方式.csv": "客户号,号码\nP1,139 0000 0060/021-55551234-801\nP2,无\n",
    "还款计划.csv": "合同号,期数,应还日期,应还本金,应还利息,实还本金,实还利息,数据日期\n"
    "L1,1,20260115,1000,50,1000,50,20260301\nL1,2,20260215,1000,40,300,40,20260301\nL1,3,20260315,1000,30,,,20260301\n"
    "L2,1,20260220,500,5,0,0,20260301\n",
    "还款流水.csv": "合同号,金额,入账日期\nL1,1050,2026-01-14\nL1,340.00,2026-02-20\n",
    "联系人.csv": "客户号,姓名,电话\nP1,王五,13900000061\n",
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    found = tmp_path / "export"
    found.mkdir()
    for name, text in FILES.items():
        (found / name).write_text(text, encoding="gb18030")
    (found / ".DS_Store").write_bytes(b"\x00")
    return found


def take(path: Path, **changes: Any) -> list[tuple[str, int, int, int, int]]:
    given: dict[str, Any] = {
        "file_set": usable_file_set(name="core-files", actor=None, dry_run=False),
        "actor": None,
        "at": AT,
    }
    return [
        (each.name, each.result.created, each.result.updated, each.result.unchanged, each.result.rejected)
        for each in take_in_set(path=path, **given | changes)
    ]


def test_a_core_export_loads_with_one_profile(db: Any, folder: Path) -> None:
    first, again = take(folder), take(folder)

    assert first == [
        ("客户_20260302.csv", 2, 0, 0, 0),
        ("合同.csv", 3, 0, 0, 0),
        ("联系方式.csv", 0, 1, 1, 0),
        ("还款计划.csv", 4, 0, 0, 0),
        ("还款流水.csv", 2, 0, 0, 0),
        ("联系人.csv", 1, 0, 0, 0),
    ]
    assert [(name, created, updated, rejected) for name, created, updated, _same, rejected in again] == [
        (name, 0, 0, 0) for name, *_counts in first
    ]
    borrowers = {b.external_ref: b for b in Borrower.objects.all()}
    assert {ref: (b.name, b.id_number, b.id_document, b.territory.code) for ref, b in borrowers.items()} == {
        "P1": ("张小三", "11010519491231002X", "RESIDENT_ID", "310000"),
        "P2": ("李四", "E12345678", "PASSPORT", "510100"),
    }
    assert {
        a.external_ref: (a.credit_limit, a.arrears_amount, a.days_past_due, a.outstanding_principal, a.territory.code)
        for a in Account.objects.all()
    } == {
        # Due in the Spring Festival, counted from the first working day after it.
        "L1": (Decimal(65000), Decimal(700), 5, Decimal(1700), "310000"),
        "L2": (Decimal(10000), Decimal(505), 5, Decimal(500), "510100"),
        "L3": (Decimal(20000), Decimal(0), 0, Decimal(0), "510100"),
    }
    assert {(p.number, p.extension) for p in BorrowerPhone.objects.all()} == {
        ("+8613900000060", ""),
        ("+862155551234", "801"),
    }
    assert set(Repayment.objects.values_list("external_ref", "amount")) == {
        ("L1-2", Decimal(1050)),
        ("L1-3", Decimal(340)),
    }
    assert RelatedPerson.objects.get().name == "王五"


def test_contracts_of_the_next_day_do_not_make_old_figures_look_new(db: Any, folder: Path) -> None:
    take(folder)
    contracts = folder / "合同.csv"
    contracts.write_text(contracts.read_text("gb18030").replace("2026/03/01", "2026/03/02"), encoding="gb18030")

    take(folder)

    assert set(Account.objects.values_list("external_ref", "as_of")) == {
        (ref, date(2026, 3, 1)) for ref in ("L1", "L2", "L3")
    }


class WindowsName(ZipInfo):
    """A name as Chinese Windows writes it: the bytes of GBK, without the flag that says UTF-8."""

    def _encodeFilenameFlags(self) -> tuple[bytes, int]:
        return self.filename.encode("gb18030"), self.flag_bits & ~0x800


@pytest.mark.parametrize("kind", [ZipInfo, WindowsName])
def test_an_archive_is_unpacked_and_deleted(db: Any, folder: Path, tmp_path: Path, kind: type[ZipInfo]) -> None:
    path = tmp_path / "export.zip"
    with ZipFile(path, "w") as archive:
        for name in FILES:
            archive.writestr(kind(f"core/{name}"), (folder / name).read_bytes())

    taken = take(path)

    assert [name for name, *_counts in taken] == list(FILES)
    assert Account.objects.count() == 3


def test_nothing_is_taken_in_if_a_file_does_not_fit(db: Any, folder: Path) -> None:
    (folder / "还款计划.csv").write_text("合同号,期数\nL1,1\n", encoding="utf-8")

    with override("en"), pytest.raises(InvalidInput, match=r"还款计划\.csv: .*应还日期"):
        take(folder)
    (folder / "还款计划.csv").unlink()
    with override("en"), pytest.raises(InvalidInput, match="There is no file 还款计划"):
        take(folder)

    assert Borrower.objects.count() == 0


def test_a_missing_folder_and_a_broken_archive_are_refused(db: Any, tmp_path: Path) -> None:
    with pytest.raises(Missing):
        take(tmp_path / "nowhere")
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"PK\x03\x04 and nothing")
    with override("en"), pytest.raises(InvalidInput, match="The archive cannot be read"):
        take(broken)
