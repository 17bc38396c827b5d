"""Related people come in sealed, and are sealed again only if their row has changed."""

from pathlib import Path
from typing import Any

from backoffice.core.sealed.sealing import blind_index
from cases.models import RelatedPerson
from cases.rules.profile.parse import parse_profile
from cases.services.intake.take_in import take_in
from tests.cases.services.intake.event_files import AT, counts, event_file
from tests.clear_text import tables_with
from tests.factories.portfolio import make_borrower

PROFILE = parse_profile(
    text="""
kind = "RELATED_PEOPLE"
[related_person]
external_ref = { template = "{customer}-{n}" }
borrower = { column = "customer" }
role = { column = "relation", map = { "配偶" = "SPOUSE", "担保人" = "GUARANTOR" }, otherwise = "CONTACT_PERSON" }
name = { column = "name" }
id_number = { column = "id" }
number = { column = "phone" }
""",
    name="related",
)


def take(tmp_path: Path, *rows: str) -> Any:
    text = "customer,n,relation,name,id,phone\n" + "\n".join(rows) + "\n"
    return take_in(path=event_file(tmp_path, text), profile=PROFILE, actor=None, at=AT)


def test_related_people_come_in_sealed(shanghai: Any, tmp_path: Path) -> None:
    make_borrower(territory=shanghai, external_ref="P1")
    rows = ["P1,1,配偶,王小明,110105491231002,139 0000 0060", "P1,2,朋友,赵六,,无", "P9,1,配偶,孙七,,"]

    first, again = take(tmp_path, *rows), take(tmp_path, *rows)
    before = bytes(RelatedPerson.objects.values_list("source_digest", flat=True).get(external_ref="P1-1"))
    changed = take(tmp_path, "P1,1,担保人,王大明,110105491231002,139 0000 0060")

    assert [counts(result) for result in (first, again, changed)] == [
        (3, 2, 0, 0, 1),
        (3, 0, 0, 2, 1),
        (1, 0, 1, 0, 0),
    ]
    person = RelatedPerson.objects.get(external_ref="P1-1")
    assert (person.role, person.name, person.id_number, person.number) == (
        "GUARANTOR",
        "王大明",
        "11010519491231002X",
        "+8613900000060",
    )
    assert bytes(person.number_index) == blind_index(text="13900000060", kind="phone")
    assert bytes(person.source_digest) != before
    assert RelatedPerson.objects.get(external_ref="P1-2").number == ""
    assert tables_with("王大明") == []
