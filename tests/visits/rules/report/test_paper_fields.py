"""The tables of fields: one for each kind of paper, with sane bounds, and masks that hide every value."""

from visits.enums import DocumentKind
from visits.rules.report.paper_fields import PAPER_FIELDS, FieldType, Mask


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
    names = {
        "LEASE": ("tenant_name", "address", "monthly_rent"),
        "IDENTITY_CARD": ("id_number", "valid_from"),
        "BANK_STATEMENT": ("amounts",),
        "HARDSHIP_PROOF": ("type",),
        "INCOME_PROOF": ("employer",),
    }
    masks = {
        field.name: field.mask for kind, wanted in names.items() for field in PAPER_FIELDS[kind] if field.name in wanted
    }

    assert masks == {
        "tenant_name": Mask.NAME,
        "address": Mask.ADDRESS,
        "id_number": Mask.TAIL,
        "valid_from": Mask.YEAR,
        "amounts": Mask.COUNT,
        "monthly_rent": Mask.HIDDEN,
        "type": Mask.HIDDEN,
        "employer": Mask.NAME,
    }
