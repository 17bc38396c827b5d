"""A whole rule as one sentence: its conditions and its effect."""

from django.utils.translation import gettext as _

from cases.rules.policy.body import Effect, PolicyRules, Rule, StandingRule, Tree
from cases.rules.policy.sentences import points_text, tree_sentence, value_text


def gate_sentence(gate: Tree, *, policy: PolicyRules) -> str:
    """Return the gate as a sentence in the reader's language: which accounts visit rules look at."""
    return _("Looked at for a visit: accounts with {conditions}.").format(conditions=tree_sentence(gate, policy=policy))


def rule_sentence(rule: Rule | StandingRule, *, policy: PolicyRules) -> str:
    """Return a rule for a visit, a reward or a restriction as a sentence in the reader's language."""
    conditions = tree_sentence(rule.when, policy=policy)
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
