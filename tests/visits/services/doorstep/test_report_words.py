"""The texts of a report: marked for the reviewer, without other people's data, and heeded at once."""

from dataclasses import asdict
from decimal import Decimal

from cases.models import BorrowerFlag
from tests.factories.visits import draft, make_order
from tests.visits.services.doorstep.test_reports import KNOCK, LATER, LEFT, at_door, knock, leave
from visits.models import ReportSection, VisitReport
from visits.services.doorstep.attendance import SectionDraft
from visits.services.doorstep.report_words import original_texts, read_words
from visits.services.doorstep.reports import submit_report

NOTE = "邻居王五说其在厂里，电话13800138000"


def sections(note):
    return (
        SectionDraft(section="IDENTITY", verdict="CONFIRMED", confidence=Decimal("0.90"), note=note),
        SectionDraft(section="CAPACITY", verdict="PARTLY_ABLE", confidence=Decimal("0.80")),
        SectionDraft(section="RESIDENCE", verdict="CONFIRMED", confidence=Decimal("0.90")),
    )


def test_a_clean_draft_stays_as_it_is():
    clean = draft(sections=sections("本人出示身份证"))

    read = read_words(draft=clean)

    assert asdict(read.draft) == asdict(clean)
    assert (read.found, read.marks, read.original_texts) == ((), {}, "")


def test_words_of_the_debt_are_marked_where_a_third_person_was_met():
    said = {"observations": "告知其母亲逾期未还款", "recommendation_reason": "再联系"}

    assert read_words(draft=draft(**said)).marks == {}
    assert read_words(draft=draft(**said, person_met="FAMILY_ADULT")).marks == {"observations": {"DEBT": 2}}


def test_a_report_keeps_no_data_of_other_people_in_clear(case, placement, pair, approver, coordinator):
    order = make_order(case=case, placement=placement, state="EN_ROUTE", approver=approver, pair=pair)
    knock(order, pair, at=KNOCK)
    leave(order, pair, at=LEFT)
    from tests.factories.visits import photos

    report = submit_report(
        order=order,
        draft=draft(
            **at_door(media=[each for each, _content in photos()]),
            sections=sections(NOTE),
            observations="门口贴有公安传票",
            statement="我不想活了",
        ),
        actor=coordinator,
        at=LATER,
    )

    report = VisitReport.objects.get(pk=report.pk)
    assert ReportSection.objects.get(section="IDENTITY").note == "邻居■■说其在厂里，电话■■■"
    assert (report.observations, report.statement) == ("门口贴有公安传票", "我不想活了")
    assert report.text_marks == {
        "observations": {"CLAIM": 2},
        "statement": {"SELF_HARM": 1},
        "note IDENTITY": {"HEARSAY": 1, "NAME": 1, "TELEPHONE": 1},
    }
    assert original_texts(sealed=report.marked_texts) == {"note IDENTITY": NOTE}
    assert list(BorrowerFlag.objects.values_list("kind", "source", "source_ref")) == [
        ("SELF_HARM", "VISIT", str(order))
    ]
