"""How far a report is trusted: found with each file that is read, from real check-ins, texts and photographs."""

from datetime import timedelta

from tests.factories.evidence import alike, attach
from tests.factories.visits import SENT_AT, photo, read_waiting
from tests.visits.rules.report.test_text_copies import LONG
from visits.models import ReportShingle, ReportTrust
from visits.services.doorstep.report_trust import assess_report, file_text


def level(report):
    return ReportTrust.objects.values_list("level", "score").get(report=report)


def test_an_honest_report_is_trusted_and_a_copy_is_not(elsewhere):
    content = photo(seed=3)
    first, second = elsewhere(content), elsewhere(alike(content))
    attach(first, content)
    attach(second, alike(content))

    read_waiting()

    assert (level(first), level(second)) == (("HIGH", 100), ("LOW", 50))
    assert ReportTrust.objects.get(report=second).reasons == [{"signal": "LOOKALIKE", "weight": -50, "count": 1}]


def test_it_is_kept_once_and_found_anew(make_report):
    report = make_report()
    for minutes in (1, 2):
        assess_report(report=report, at=SENT_AT + timedelta(minutes=minutes))

    assert ReportTrust.objects.get().assessed_at == SENT_AT + timedelta(minutes=2)


def test_a_text_that_was_copied_from_another_borrower_is_a_reason(elsewhere):
    reports = [elsewhere(), elsewhere()]
    for report in reports:
        report.observations, report.statement = LONG, ""
        file_text(report=report)
        assess_report(report=report, at=SENT_AT)

    first, second = (ReportTrust.objects.get(report=report) for report in reports)
    assert (first.reasons, first.level) == ([], "MEDIUM")
    assert second.reasons == [{"signal": "TEXT_COPIED", "weight": -30, "count": 0}]


def test_a_text_leaves_keyed_digests_only_and_a_phrase_leaves_none(make_report):
    report = make_report()
    report.observations, report.statement = "家中无人", ""
    assert file_text(report=report) == 0
    report.observations = LONG

    assert file_text(report=report) == 32
    assert ReportShingle.objects.filter(report=report).count() == 32
