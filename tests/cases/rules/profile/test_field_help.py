"""Words for our fields; a field that is added later shows its own name."""

from django.utils.translation import override

from cases.rules.profile.field_help import FIELDS, SECTIONS, field_help, field_name, section_name
from cases.rules.profile.fields import REPEATED, SINGLE


def test_words_are_for_fields_that_there_are() -> None:
    known = {
        (section, name)
        for table in (SINGLE, REPEATED)
        for kind in table.values()
        for section, fields in kind.items()
        for name in fields
    }

    assert {tuple(key.split(".")) for key in FIELDS} == known
    assert set(SECTIONS) == {section for section, _name in known}


def test_a_field_without_words_gives_its_own_name() -> None:
    with override("en"):
        assert (field_name("account.as_of"), field_help("account.as_of")) == ("As of", "The day of these figures.")
        assert (field_name("account.to_come"), field_help("account.to_come")) == ("to come", "")
        assert (section_name("account"), section_name("new_section")) == ("Account", "new section")
