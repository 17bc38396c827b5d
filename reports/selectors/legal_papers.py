"""The files of a bundle for legal recovery: case file, letters about decisions, photographs of accepted visits."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from django.utils.translation import override

from backoffice.core.sealed.kept_files import FileAltered, FileLost, KeptFile
from cases.models import Decision, DecisionLetter
from cases.selectors.casework.letters import RELATED, letter_pdf
from reports.selectors.case_file import case_file_pdf
from reports.selectors.case_file_debt import debt_sections
from reports.selectors.case_file_history import accepted_reports, history_sections
from visits.enums import EvidenceKind, EvidenceState, Finding, MediaScope, PersonMet
from visits.models import Evidence, VisitReport
from visits.rules.report.finding_table import strictest_media

CASE_FILE: Final = "case-file.pdf"
# Papers may name the borrower's family, and recordings hold other people's voices: neither goes to the court unasked.
_PHOTOGRAPHS: Final = (
    EvidenceKind.STREET,
    EvidenceKind.BUILDING,
    EvidenceKind.DOOR,
    EvidenceKind.BADGE_AND_MANDATE,
    EvidenceKind.NOTICE_ENVELOPE,
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Paper:
    """One file of the bundle: its name in the archive and its bytes."""

    name: str
    content: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """One file that should have been in the bundle: the reference of the evidence, and the code of what is wrong."""

    reference: str
    problem: str


def legal_papers(*, decision: Decision, language: str) -> tuple[list[Paper], list[LeftOut]]:
    """
    Return the papers of a decision for legal recovery in a language ("zh-hans" or "en"), and the photographs that are lost.

    The same facts give the same bytes. `decision` has its account and borrower loaded. Nineteen queries, whatever is in it.
    """
    with override(language):
        sections = [*debt_sections(decision=decision), *history_sections(decision=decision)]
    papers = [Paper(name=CASE_FILE, content=case_file_pdf(decision=decision, sections=sections, language=language))]
    papers += _letters(decision, language)
    left_out = []
    for evidence in photographs(decision=decision):
        name = f"visits/{evidence.report.order}/{evidence.kind.lower()}-{evidence.pk}{_ending(evidence)}"
        try:
            content = KeptFile(name=str(evidence.file.name), sha256=evidence.sha256).read()
        except (FileLost, FileAltered) as error:
            left_out.append(LeftOut(reference=evidence.external_ref, problem=error.code))
        else:
            papers.append(Paper(name=name, content=content))
    return papers, left_out


def photographs(*, decision: Decision) -> list[Evidence]:
    """
    Return the photographs that go into the bundle: of accepted reports, read, of places and crews only.

    None of a visit whose findings allow no pictures or at which only a minor was met. One query.
    """
    reports = VisitReport.objects.filter(accepted_reports(decision=decision)).exclude(person_met=PersonMet.MINOR)
    rows = Evidence.objects.filter(
        report__in=reports, state=EvidenceState.READ, kind__in=_PHOTOGRAPHS, media_type__startswith="image/"
    )
    found = rows.select_related("report__order").order_by("pk")
    return [each for each in found if _pictures_allowed(each.report)]


def _pictures_allowed(report: VisitReport) -> bool:
    return strictest_media(findings=tuple(Finding(code) for code in report.findings)) != MediaScope.NONE


def _letters(decision: Decision, language: str) -> Iterator[Paper]:
    rows = DecisionLetter.objects.filter(decision__account=decision.account_id).select_related(*RELATED)
    for letter in rows.order_by("pk"):
        yield Paper(name=f"letters/{letter}.pdf", content=letter_pdf(letter=letter, language=language))


def _ending(evidence: Evidence) -> str:
    _stem, dot, ending = str(evidence.file.name).rpartition(".")
    return f".{ending}" if dot else ""
