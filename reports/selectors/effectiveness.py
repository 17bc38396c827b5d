"""What each contact channel achieved and cost in a period (domain 5.5)."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, CharField, Count, DecimalField, Exists, F, OuterRef, Q, Subquery, Sum, Value, When
from django.utils import timezone

from cases.enums import Channel, ContactOutcome, Direction, PromiseState
from cases.models import Account, ContactAttempt, PromiseToPay, Repayment
from reports.models import CostRate

# A repayment is attributed to the last channel that attempted the borrower within this many days before it.
ATTRIBUTION_DAYS = 30
# Below this many attempts a rate is too uncertain to compare channels.
SMALL = 30
ALWAYS_SHOWN = (Channel.APP, Channel.SMS, Channel.VOICE, Channel.VISIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelEffect:
    """
    One channel's counts and money in a period; `currency` is the ISO 4217 code of `recovered` and `cost`.

    Counts: `attempts` are outbound contacts; `right_party` of them reached the borrower in person; `promises` were made
    in the period, `promises_due` of them came due and `promises_kept` of those were kept; `repayments` are attributed to
    the channel. `recovered` is the sum of those repayments, `cost` the sum of the costs of the attempts.
    """

    channel: str
    currency: str
    attempts: int = 0
    right_party: int = 0
    promises: int = 0
    promises_due: int = 0
    promises_kept: int = 0
    repayments: int = 0
    recovered: Decimal = Decimal(0)
    cost: Decimal = Decimal(0)

    @property
    def right_party_rate(self) -> Decimal | None:
        """Return the share (0..1, four decimals) of attempts that reached the borrower; None without an attempt."""
        return _share(self.right_party, self.attempts)

    @property
    def promise_rate(self) -> Decimal | None:
        """Return promises for each attempt that reached the borrower, to four decimals; None if none did."""
        return _share(self.promises, self.right_party)

    @property
    def kept_rate(self) -> Decimal | None:
        """Return the share (0..1, four decimals) of due promises that were kept; None if none came due."""
        return _share(self.promises_kept, self.promises_due)

    @property
    def cost_per_recovered(self) -> Decimal | None:
        """Return the cost of one unit of currency recovered, to four decimals; None if nothing was recovered."""
        return _share(self.cost, self.recovered)

    @property
    def is_small(self) -> bool:
        """Return whether the rates rest on fewer than SMALL attempts."""
        return self.attempts < SMALL


def channel_effect(
    *, user: Any, start_on: date, end_on: date, territory: Any = None, currency: str
) -> tuple[ChannelEffect, ...]:
    """
    Return, for each channel, attempts, contacts, promises, recoveries and cost from `start_on` to `end_on`, both included.

    Only what `user` may see counts, of one `territory` if given (a Territory or its pk), and only borrowers with an
    account in `currency` (ISO 4217). Inbound contacts are not attempts. Promises count on the day they were made,
    repayments on the day they were paid: each repayment is attributed to the last channel that attempted the borrower on
    its day or within ATTRIBUTION_DAYS before it, and to none if there was no attempt. What was taken back since does not
    count, whenever it was. The cost of an attempt is its own
    cost, else the channel's cost rate of its day, else 0. Days are of the office's time zone. Four statements, however
    large the portfolio. App, SMS, voice and visit are always returned; letters only if some were sent.
    """
    scope = {"user": user, "territory": territory}
    attempted = _attempts(**scope, currency=currency, start_on=start_on, end_on=end_on)
    promised = _promises(**scope, currency=currency, start_on=start_on, end_on=end_on)
    repaid = _repayments(**scope, currency=currency, start_on=start_on, end_on=end_on)
    numbers: dict[str, dict[str, Any]] = {str(channel): {} for channel in ALWAYS_SHOWN}
    for rows in (attempted, promised, repaid):
        for row in rows:
            channel = row.pop("by_channel")
            if channel:
                numbers.setdefault(channel, {}).update(
                    {name: value for name, value in row.items() if value is not None}
                )
    order = {str(channel): place for place, channel in enumerate(Channel.values)}
    return tuple(
        ChannelEffect(channel=channel, currency=currency, **values)
        for channel, values in sorted(numbers.items(), key=lambda item: order[item[0]])
    )


def _attempts(*, user: Any, territory: Any, currency: str, start_on: date, end_on: date) -> Any:
    in_currency = Account.objects.filter(borrower=OuterRef("borrower"), currency=currency)
    rows = ContactAttempt.objects.visible_to(user).filter(
        Exists(in_currency),
        direction=Direction.OUTBOUND,
        attempted_at__gte=_midnight(start_on),
        attempted_at__lt=_midnight(end_on + timedelta(days=1)),
    )
    if territory is not None:
        rows = rows.filter(borrower__territory=territory)
    reached = Q(right_party=True) | Q(outcome=ContactOutcome.RIGHT_PARTY)
    return (
        rows.order_by()
        .annotate(by_channel=F("channel"))
        .values("by_channel")
        .annotate(
            attempts=Count("pk"),
            right_party=Count("pk", filter=reached),
            cost=Sum(_cost(currency)),
        )
    )


def _cost(currency: str) -> Case:
    """Return what one attempt costs: its own cost, else the newest rate of its channel that was valid on its day."""
    rates = CostRate.objects.filter(currency=currency).order_by("-valid_from", "-pk")
    cases = [
        When(channel=rate.channel, attempted_at__gte=_midnight(rate.valid_from), then=Value(rate.amount))
        for rate in rates
    ]
    return Case(When(cost__gt=0, then=F("cost")), *cases, default=Value(Decimal(0)), output_field=DecimalField())


def _promises(*, user: Any, territory: Any, currency: str, start_on: date, end_on: date) -> Any:
    rows = PromiseToPay.objects.visible_to(user).filter(
        account__currency=currency, promised_on__range=(start_on, end_on)
    )
    if territory is not None:
        rows = rows.filter(borrower__territory=territory)
    return (
        rows.order_by()
        .annotate(by_channel=F("channel"))
        .values("by_channel")
        .annotate(
            promises=Count("pk"),
            promises_kept=Count("pk", filter=Q(state=PromiseState.KEPT)),
            promises_due=Count("pk", filter=Q(state__in=[PromiseState.KEPT, PromiseState.BROKEN])),
        )
    )


def _repayments(*, user: Any, territory: Any, currency: str, start_on: date, end_on: date) -> Any:
    last = ContactAttempt.objects.filter(
        borrower=OuterRef("account__borrower"),
        direction=Direction.OUTBOUND,
        attempted_at__date__lte=OuterRef("paid_on"),
        attempted_at__date__gte=OuterRef("paid_on") - timedelta(days=ATTRIBUTION_DAYS),
    ).order_by("-attempted_at", "-pk")
    rows = Repayment.objects.visible_to(user).left()
    rows = rows.filter(account__currency=currency, paid_on__range=(start_on, end_on))
    if territory is not None:
        rows = rows.filter(account__territory=territory)
    touched = rows.order_by().annotate(by_channel=Subquery(last.values("channel")[:1], output_field=CharField()))
    return touched.values("by_channel").annotate(repayments=Count("pk"), recovered=Sum("left_amount"))


def _midnight(day: date) -> datetime:
    """Return the first instant of a day in the office's time zone."""
    return timezone.make_aware(datetime.combine(day, time.min)).astimezone(UTC)


def _share(part: Decimal | int, whole: Decimal | int) -> Decimal | None:
    """Return part / whole to four decimals; None if `whole` is 0."""
    return (Decimal(part) / Decimal(whole)).quantize(Decimal("0.0001")) if whole else None
