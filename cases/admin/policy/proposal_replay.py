"""The page that replays recorded verifications under a version's table of proposals, beside the version in force."""

from typing import Any, Final

from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from backoffice.core.pages.cells import EMPTY, linked
from cases.admin.policy.version_pages import page_button, policy_page
from cases.enums import DecisionKind
from cases.models import PolicyVersion
from cases.rules.decisions import Advice
from cases.rules.policy.body import ProposalRow
from cases.rules.policy.proposal_table import HOUSE_TABLE, read_table
from cases.rules.policy.rule_sentences import result_text
from cases.rules.reasons import NEXT_STEPS
from cases.selectors.policies.proposal_replay import MOST_DAYS, USUAL_DAYS, Replay, Replayed, replay_proposals

CHOICES: Final = (30, USUAL_DAYS, 180, MOST_DAYS)


class ProposalReplayPage:
    """The page of a replay, for the admin of policy versions."""

    @page_button(label=_("Replay proposals"), permission="cases.view_policyversion", icon="replay")
    def replay(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        """Show what the version would have proposed for the verifications of the last days (?days=)."""
        asked = request.GET.get("days", "")
        days = int(asked) if asked in map(str, CHOICES) else USUAL_DAYS
        # Who reads policies but no verifications (an administrator) is told so.
        reads = request.user.has_perm("cases.view_verification")
        shown: dict[str, Any] = {"replay": None}
        if reads:
            found = replay_proposals(version=version, user=request.user, at=timezone.now(), days=days)
            rows = _rows(version, found)
            changed = [_changed(each, rows) for each in found.changed]
            shown = {"replay": found, "matrix": _matrix(found), "changed": changed}
        return policy_page(
            model_admin=self,
            request=request,
            template="admin/cases/policy_replay.html",
            version=version,
            title=_("Replay proposals"),
            choices=CHOICES,
            days=days,
            **shown,
        )


def _rows(version: PolicyVersion, found: Replay) -> tuple[dict[str, ProposalRow], dict[str, ProposalRow]]:
    former = read_table(found.against.body) if found.against else HOUSE_TABLE
    after = read_table(version.body)
    return {row.code: row for row in former.rows}, {row.code: row for row in after.rows}


def _matrix(found: Replay) -> dict[str, Any]:
    """Return counts with a line a result before and a column a result after, both by their number."""
    before = _by_number({old: 0 for old, _new in found.flows}, found, side=0)
    after = _by_number({new: 0 for _old, new in found.flows}, found, side=1)
    return {
        "heads": [_words(new) for new in after],
        "lines": [
            {
                "label": _words(old),
                "cells": [{"count": found.flows.get((old, new), 0), "is_same": old == new} for new in after],
                "total": before[old],
            }
            for old in before
        ],
        "totals": list(after.values()),
    }


def _by_number(results: dict[tuple[str, ...], int], found: Replay, *, side: int) -> dict[tuple[str, ...], int]:
    for pair, count in found.flows.items():
        results[pair[side]] += count
    return dict(sorted(results.items(), key=lambda item: (-item[1], item[0])))


def _words(result: tuple[str, ...]) -> str:
    return " + ".join(
        str(DecisionKind(code).label) if code in DecisionKind.values else str(NEXT_STEPS[code]) for code in result
    )


def _changed(each: Replayed, rows: tuple[dict[str, ProposalRow], dict[str, ProposalRow]]) -> dict[str, Any]:
    return {
        "link": linked(each.verification),
        "case": linked(each.verification.case),
        "verified_on": each.verification.verified_on,
        "before": _side(each.before, rows[0]),
        "after": _side(each.after, rows[1]),
    }


def _side(advice: Advice, rows: dict[str, ProposalRow]) -> dict[str, str]:
    row = rows.get(advice.row)
    if row is None:
        return {"title": EMPTY, "text": str(NEXT_STEPS[advice.next_step])}
    return {"title": str(row.title), "text": result_text(row)}
