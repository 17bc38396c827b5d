"""The page's lists are those of the rules."""

from cases.enums import Certainty
from visits.enums import Finding
from visits.field import choices as page
from visits.rules.report.finding_table import FINDINGS
from visits.rules.report.paper_fields import PAPER_FIELDS


def test_findings_say_what_follows_from_them() -> None:
    shown = {each["value"]: each for each in page.choices()["findings"]}

    assert set(shown) == set(Finding.values)
    assert shown["F22"]["address"] == "INVALID"
    assert shown["F22"]["hearsay"]
    assert shown["F13"]["persons"] == ["MINOR"]
    assert [code for code, each in shown.items() if each["protects"]] == [
        code.value for code, rule in FINDINGS.items() if rule.stops_visits
    ]


def test_certainty_in_words_is_sent_as_a_share_that_falls() -> None:
    values = [float(each["value"]) for each in page.choices()["certainties"]]

    assert len(values) == len(Certainty)
    assert values == sorted(values, reverse=True)
    assert 0 < values[-1] < values[0] < 1


def test_a_paper_has_the_fields_that_are_declared_for_it() -> None:
    fields = {each["value"]: {one["name"]: one for one in each["fields"]} for each in page.choices()["documents"]}

    assert {kind for kind, found in fields.items() if found} == {str(kind) for kind in PAPER_FIELDS}
    statement = fields["BANK_STATEMENT"]
    assert (statement["opening"]["mode"], statement["amounts"]["many"], statement["period_start"]["type"]) == (
        "decimal",
        True,
        "date",
    )
    assert {each["value"] for each in fields["PROPERTY_DEED"]["encumbrance"]["choices"]} == {
        "NONE",
        "MORTGAGED",
        "SEIZED",
    }
    assert [each["value"] for each in page.choices()["documents"] if each["consent"]] == ["HARDSHIP_PROOF"]
