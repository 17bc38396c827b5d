"""A whole rule as one sentence: its conditions and its effect."""

from django.utils.translation import gettext as _

from cases.enums import DecisionKind, FlagKind
from cases.rules.policy.body import Effect, PolicyRules, ProposalRow, ProposedDecision, Rule, StandingRule, Tree
from cases.rules.policy.sentences import points_text, tree_sentence, value_text
from cases.rules.reasons import NEXT_STEPS


def gate_sentence(gate: Tree, *, policy: PolicyRules) -> str:
    """Return the gate as a sentence in the reader's language: which accounts visit rules look at."""
    return _("Looked at for a visit: accounts with {conditions}.").format(conditions=tree_sentence(gate, policy=policy))


def rule_sentence(rule: Rule | StandingRule | ProposalRow, *, policy: PolicyRules) -> str:
    """Return a rule for a visit, a reward, a restriction or a row of proposals as a sentence in the reader's language."""
    conditions = tree_sentence(rule.when, policy=policy)
    if isinstance(rule, ProposalRow):
        return _("If {conditions}: {effect}.").format(conditions=conditions, effect=result_text(rule))
    if isinstance(rule, StandingRule):
        return _("If {conditions}: {effect}.").format(
            conditions=conditions, effect=effect_text(rule.effect, currency=policy.currency)
        )
    days = {
        "conditions": conditions,
        "priority": rule.priority,
        "sla": policy.parameters.sla_days[rule.priority],
        "visit": policy.parameters.visit_days[rule.priority],
    }
    if rule.needs_visit:
        return _(
            "If {conditions}: open a case of priority {priority}, taken up within {sla} days, with a visit within {visit} days."
        ).format(**days)
    return _(
        "If {conditions}: open a case of priority {priority}, taken up within {sla} days, without a visit."
    ).format(**days)


def result_text(row: ProposalRow) -> str:
    """Return what a row of proposals gives, in the reader's language: the decisions, or the next step."""
    if not row.decisions:
        return str(NEXT_STEPS[row.next_step])
    decisions = _(" and ").join(_decision_text(decision) for decision in row.decisions)
    return _("propose {decisions}").format(decisions=decisions)


def _decision_text(decision: ProposedDecision) -> str:
    kind = DecisionKind(decision.kind).label
    if decision.instalments is not None:
        text = _("{kind} of {count} instalments").format(kind=kind, count=decision.instalments)
    else:
        text = str(kind)
    if decision.relief:
        points = points_text(decision.relief)
        text = _("{effect}, the rate lowered by {points} points").format(effect=text, points=points)
    if decision.percent is not None:
        percent = value_text("limit_use_percent", decision.percent, currency="")
        text = _("{effect} by {percent}").format(effect=text, percent=percent)
    if decision.flag is not None:
        text = _("{effect} ({flag})").format(effect=text, flag=FlagKind(decision.flag).label)
    if decision.days is not None:
        text = _("{effect}, for {days} days").format(effect=text, days=decision.days)
    return text


def effect_text(effect: Effect, *, currency: str) -> str:
    """Return what a standing rule proposes, in the reader's language; amounts in `currency`."""
    if effect.kind == "RATE_REDUCTION":
        text = _("lower the annual rate by {points} percentage points").format(points=points_text(effect.points))
    elif effect.kind == "FREEZE":
        text = _("propose to freeze the limit")
    else:
        percent = value_text("limit_use_percent", effect.percent, currency=currency)
        raised = effect.kind == "LIMIT_INCREASE"
        text = (_("raise the limit by {percent}") if raised else _("propose to cut the limit by {percent}")).format(
            percent=percent
        )
    if effect.max_amount is not None:
        most = value_text("arrears_amount", effect.max_amount, currency=currency)
        text = _("{effect}, by {most} at most").format(effect=text, most=most)
    if effect.expires_days is not None:
        text = _("{effect}, for {days} days").format(effect=text, days=effect.expires_days)
    return text
