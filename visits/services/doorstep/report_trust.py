"""How far a report is trusted: found anew with each file that is read, and kept for the reviewer with its reasons."""

from datetime import datetime

from backoffice.core.sealed.sealing import keyed_digests
from visits.enums import EvidenceState
from visits.models import Evidence, ReportShingle, ReportTrust, VisitReport
from visits.rules.report.report_signals import report_signals
from visits.rules.report.text_copies import kept_digests, pieces
from visits.rules.report.trust_level import report_trust
from visits.selectors.policy import conduct_policy
from visits.selectors.report_facts import photo_trust, report_facts


def file_text(*, report: VisitReport) -> int:
    """
    File what a report's text is compared by, in the caller's transaction; return how many digests were kept, at most 32.

    They are keyed, so that nobody can try texts against them without the key. A short text is not compared.
    """
    found = sorted(pieces(text=f"{report.observations} {report.statement}"))
    kept = kept_digests(digests=keyed_digests(texts=found, kind="report.text"))
    ReportShingle.objects.bulk_create([ReportShingle(report=report, digest=digest) for digest in kept])
    return len(kept)


def assess_report(*, report: VisitReport, at: datetime) -> ReportTrust:
    """
    Find how far a report is trusted from its read files and from what speaks against it as a whole, and keep it.

    In the caller's transaction. Files of earlier versions were judged with theirs.
    """
    photos = list(Evidence.objects.filter(report=report, state=EvidenceState.READ).order_by("pk"))
    policy = conduct_policy(territory=report.order.case.territory)
    trust = report_trust(
        policy=policy,
        photos=[photo_trust(evidence=each) for each in photos if each.media_type.startswith("image/")],
        signals=report_signals(policy=policy, facts=report_facts(report=report, photos=photos)),
    )
    kept = ReportTrust(
        report=report,
        score=trust.score,
        level=trust.level,
        reasons=[{"signal": each.signal, "weight": each.weight, "count": each.count} for each in trust.reasons],
        assessed_at=at,
    )
    ReportTrust.objects.bulk_create(
        [kept],
        update_conflicts=True,
        unique_fields=["report"],
        update_fields=["score", "level", "reasons", "assessed_at"],
    )
    return kept
