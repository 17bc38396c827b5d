"""The closed list of fields: no protected trait is in it, and defaults keep their own bounds."""

import pytest
from django.conf import settings

from cases.rules.profile.fields import PROTECTED_TRAITS, RENEWED, REPEATED, SINGLE, Field
from tests.cases.rules.profile.field_table import field_lines

SECTIONS = {
    f"{kind}.{section}": fields
    for table in (SINGLE, REPEATED)
    for kind, sections in table.items()
    for section, fields in sections.items()
}


@pytest.mark.parametrize("name", sorted(SECTIONS))
def test_no_section_has_a_field_for_a_protected_trait(name: str) -> None:
    assert set(SECTIONS[name]) & PROTECTED_TRAITS == set()


CHOICES = {
    f"{section}.{name}": field
    for section, fields in SECTIONS.items()
    for name, field in fields.items()
    if field.choices
}


@pytest.mark.parametrize("field", list(CHOICES.values()), ids=list(CHOICES))
def test_default_of_a_choice_is_one_of_its_words(field: Field) -> None:
    assert field.default is None or field.default in field.choices


def test_renewable_fields_exist() -> None:
    known = SINGLE["ACCOUNTS"] | REPEATED["ACCOUNTS"]

    assert [(section, name) for section, names in RENEWED.items() for name in names if name not in known[section]] == []


def test_the_page_of_profiles_lists_every_field_and_its_words() -> None:
    page = (settings.BASE_DIR / "docs" / "profiles.md").read_text(encoding="utf-8")

    assert [line for line in field_lines() if line not in page] == []
