"""The page that shows two versions side by side: the older on the left, the newer on the right."""

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from backoffice.core.errors import InvalidInput
from backoffice.core.pages.cells import EMPTY
from cases.admin.policy.version_pages import page_button, policy_page
from cases.models import PolicyVersion
from cases.rules.policy.body import PolicyRules, ProposalRow, Rule, StandingRule
from cases.rules.policy.diff import SECTIONS, PolicyDiff, RuleDiff, diff_policies
from cases.rules.policy.diff_lines import Line, Mark
from cases.rules.policy.parser import parse_policy
from cases.rules.policy.proposal_table import table_of
from cases.selectors.policies.versions import get_active_version

HEADINGS = {
    "rules": _("Reasons for a visit"),
    "rewards": _("Rewards"),
    "restrictions": _("Restrictions"),
    "proposals": _("Proposals after a verification"),
}
MARKS = {
    Mark.ADDED: _("added"),
    Mark.REMOVED: _("removed"),
    Mark.CHANGED: _("changed"),
    Mark.MOVED: _("moved"),
    Mark.SAME: _("same"),
}


class PolicyCompare:
    """The page of differences, for the admin of policy versions."""

    @page_button(label=_("Differences"), permission="cases.view_policyversion", icon="compare")
    def compare(self, request: HttpRequest, version: PolicyVersion) -> HttpResponse:
        """Show the version beside the one in force of its segment, or beside the one that ?with= names."""
        here: Any = self
        # All visible versions, so that a segment's policy can be compared with the policy of another segment.
        others = here.get_queryset(request).select_related("policy").exclude(pk=version.pk)
        others = others.order_by("policy__segment", "-number", "pk")
        other = _chosen(version, others, request.GET.get("with", ""))
        diff, fault, titles = None, "", {}
        if other is not None:
            try:
                old, new = parse_policy(other.body), parse_policy(version.body)
            except InvalidInput as error:
                fault = str(error)
            else:
                diff, titles = diff_policies(old=old, new=new), _titles(old) | _titles(new)
        return policy_page(
            model_admin=self,
            request=request,
            template="admin/cases/policy_compare.html",
            version=version,
            other=other,
            others=others,
            fault=fault,
            title=_("Differences"),
            marks=_legend(diff),
            show_all="all" in request.GET,
            sections=_sections(diff, titles) if diff else [],
            is_empty=diff is not None and diff.is_empty,
        )


def _chosen(version: PolicyVersion, others: Any, asked: str) -> PolicyVersion | None:
    if asked:
        found: PolicyVersion | None = (
            others.filter(pk=int(asked)).first() if asked.isdecimal() and len(asked) < 18 else None
        )
        if found is None:
            raise Http404
        return found
    active = get_active_version(segment=version.policy.segment)
    if active is not None and active.pk != version.pk:
        return active
    # The version in force is compared with the version that it was drafted from.
    return version.based_on or others.filter(policy=version.policy).first()


def _legend(diff: PolicyDiff | None) -> list[dict[str, Any]]:
    if diff is None:
        return []
    return [
        {"mark": mark, "label": MARKS[Mark(mark)], "count": count} for mark, count in diff.counts().items() if count
    ]


def _titles(policy: PolicyRules) -> dict[str, str]:
    rows = table_of(policy).rows
    rules: tuple[Rule | StandingRule | ProposalRow, ...] = (
        *policy.rules,
        *policy.rewards,
        *policy.restrictions,
        *rows,
    )
    return {rule.code: str(rule.title) for rule in rules}


def _sections(diff: PolicyDiff, titles: dict[str, str]) -> list[dict[str, Any]]:
    found = [
        {"heading": _("General"), "lines": _lines(diff.settings), "rules": [], "is_same": _same(diff.settings)},
        {"heading": _("Gate"), "lines": _lines(diff.gate), "rules": [], "is_same": _same(diff.gate)},
    ]
    for name in SECTIONS:
        rules = [_rule(rule) | {"title": titles.get(rule.code, "")} for rule in diff.rules if rule.section == name]
        is_same = all(rule["mark"] == Mark.SAME for rule in rules)
        found.append({"heading": HEADINGS[name], "lines": [], "rules": rules, "is_same": is_same})
    return found


def _rule(rule: RuleDiff) -> dict[str, Any]:
    return {
        "code": rule.code,
        "mark": rule.mark,
        "label": MARKS[rule.mark],
        "is_moved": rule.is_moved,
        "moved": f"{_place(rule.old_path)} → {_place(rule.new_path)}",
        "lines": _lines((*rule.head, *rule.conditions)),
    }


def _place(path: str) -> str:
    """Return the number under which a reader counts a rule: rules[0] is 1."""
    number = path.partition("[")[2].rstrip("]")
    return str(int(number) + 1) if number else EMPTY


def _same(lines: tuple[Line, ...]) -> bool:
    return all(line.mark == Mark.SAME for line in lines)


def _lines(lines: tuple[Line, ...]) -> list[dict[str, Any]]:
    return [{"mark": line.mark, "label": line.label, "old": line.old, "new": line.new} for line in lines]
