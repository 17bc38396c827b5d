"""The tables of fields: one for each kind of paper, with sane bounds, and masks that hide every value."""

from visits.enums import DocumentKind
from visits.rules.report.paper_fields import PAPER_FIELDS, FieldType, Mask, field_of


def test_each_kind_of_paper_has_a_table_with_something_that_must_be_read():
    assert set(PAPER_FIELDS) == set(DocumentKind)
    assert all(any(field.required for field in fields) for fields in PAPER_FIELDS.values())


def test_names_of_fields_are_their_own_within_a_paper():
    assert all(len({field.name for field in fields}) == len(fields) for fields in PAPER_FIELDS.values())


def test_a_choice_has_choices_and_nothing_else_has():
    for fields in PAPER_FIELDS.values():
        for field in fields:
            assert bool(field.choices) == (field.type == FieldType.CHOICE), field.name


def test_names_addresses_and_numbers_have_masks_of_their_own():
    found = {name: field_of(kind=kind, name=name) for kind, name in (
        ("LEASE", "tenant_name"), ("LEASE", "address"), ("IDENTITY_CARD", "id_number"), ("IDENTITY_CARD", "valid_from"),
        ("BANK_STATEMENT", "amounts"), ("LEASE", "monthly_rent"), ("HARDSHIP_PROOF", "type"), ("INCOME_PROOF", "employer"),
    )}  # fmt: skip

    assert {name: field and field.mask for name, field in found.items()} == {
        "tenant_name": Mask.NAME,
        "address": Mask.ADDRESS,
        "id_number": Mask.TAIL,
        "valid_from": Mask.YEAR,
        "amounts": Mask.COUNT,
        "monthly_rent": Mask.HIDDEN,
        "type": Mask.HIDDEN,
        "employer": Mask.HIDDEN,
    }


def test_a_field_that_the_paper_does_not_have_is_none():
    assert field_of(kind="LEASE", name="vin") is None
