"""Outgoing events, the endpoints that receive them, and keys that make retried requests harmless."""

from typing import Any

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from backoffice.core.scoping import NOTHING, ScopedQuerySet
from backoffice.core.sealed.fields import SealedField


class PipeQuerySet(ScopedQuerySet[Any]):
    """Rows about outgoing events: for administrators and auditors only."""

    def scope_for(self, user: Any) -> Q:
        """Return everything for administrators and auditors, nothing for others."""
        return Q() if user.role in ("AUDITOR", "ADMINISTRATOR") else NOTHING


class DeliveryState(models.TextChoices):
    """How far a delivery has come; DEAD is given up after all attempts, until somebody sends it again."""

    PENDING = "PENDING", _("Waiting")
    DELIVERED = "DELIVERED", _("Delivered")
    DEAD = "DEAD", _("Given up")


class EventState(models.TextChoices):
    """How far an event has come. Only HANDED_OVER means that somebody is going to get it."""

    WAITING = "WAITING", _("Waiting")
    HANDED_OVER = "HANDED_OVER", _("Handed over")
    NO_RECEIVER = "NO_RECEIVER", _("No receiver")


class ReplayReason(models.TextChoices):
    """Why somebody sends an event again. A closed list: the trail keeps it for ever, so it holds no free text."""

    RECEIVER_MENDED = "RECEIVER_MENDED", _("The receiver works again")
    ENDPOINT_ADDED = "ENDPOINT_ADDED", _("An endpoint was added or changed")
    LOST_BY_RECEIVER = "LOST_BY_RECEIVER", _("The receiver lost the event")


class OutboxEvent(models.Model):
    """
    One fact for the outside, written in the transaction that made it true.

    `key` is deterministic (record, action), so an effect is announced once however often it is asked for.
    The payload holds references and amounts, never personal data.
    """

    topic = models.CharField(_("topic"), max_length=60)
    key = models.CharField(_("key"), max_length=120, unique=True)
    payload = models.JSONField(_("payload"), default=dict)
    # Events of one order key reach an endpoint in the order of their ids; without one in any order.
    order_key = models.CharField(max_length=60, blank=True, default="", db_default="", editable=False)
    created_at = models.DateTimeField(_("created at"))
    fanned_out_at = models.DateTimeField(_("handed over at"), null=True, blank=True)
    # How many endpoints wanted it when it was handed over; 0 is an event that nobody receives.
    receivers = models.PositiveIntegerField(_("receivers"), null=True, blank=True)

    objects = PipeQuerySet.as_manager()

    class Meta:
        verbose_name = _("outgoing event")
        verbose_name_plural = _("outgoing events")
        indexes = [
            models.Index(fields=["id"], condition=Q(fanned_out_at__isnull=True), name="outbox_waiting"),
            models.Index(fields=["order_key", "id"], condition=~Q(order_key=""), name="outbox_in_order"),
        ]

    def __str__(self) -> str:
        return f"{self.topic} {self.key}"

    @property
    def state(self) -> EventState:
        """Whether the event waits, is handed over to a receiver, or has none."""
        if self.fanned_out_at is None:
            return EventState.WAITING
        return EventState.HANDED_OVER if self.receivers else EventState.NO_RECEIVER

    def get_state_display(self) -> str:
        """Return the words for the state."""
        return str(self.state.label)


class WebhookEndpoint(models.Model):
    """An address of the lender that receives events of some topics, signed as Standard Webhooks."""

    external_ref = models.CharField(_("reference"), max_length=60, unique=True)
    url = models.URLField(_("address"))
    secret = SealedField(_("secret"))
    topics = models.JSONField(_("topics"), default=list)
    is_active = models.BooleanField(_("active"), default=True)
    created_at = models.DateTimeField(_("created at"), auto_now_add=True)

    objects = PipeQuerySet.as_manager()

    class Meta:
        verbose_name = _("webhook endpoint")
        verbose_name_plural = _("webhook endpoints")

    def __str__(self) -> str:
        return self.external_ref


class WebhookDelivery(models.Model):
    """One event on its way to one endpoint. `due_at` is when the next attempt is due."""

    event = models.ForeignKey(OutboxEvent, models.PROTECT, verbose_name=_("event"), related_name="deliveries")
    endpoint = models.ForeignKey(WebhookEndpoint, models.PROTECT, verbose_name=_("endpoint"), related_name="deliveries")
    state = models.CharField(_("state"), max_length=20, choices=DeliveryState.choices, default=DeliveryState.PENDING)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    due_at = models.DateTimeField(_("due at"))
    last_status = models.PositiveSmallIntegerField(_("last answer"), null=True, blank=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)
    delivered_at = models.DateTimeField(_("delivered at"), null=True, blank=True)

    objects = PipeQuerySet.as_manager()

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        constraints = [models.UniqueConstraint(fields=["event", "endpoint"], name="one_delivery_per_endpoint")]
        indexes = [models.Index(fields=["due_at"], condition=Q(state="PENDING"), name="delivery_due")]

    def __str__(self) -> str:
        return f"{self.event_id} -> {self.endpoint_id}"


class IdempotencyKey(models.Model):
    """
    The stored answer to a request, so that the same request sent again has no second effect.

    The answer may hold what only this caller may see: it is sealed, answered again only while its record is visible to
    the caller, and deleted after two days (idempotency.KEPT).
    """

    caller = models.CharField(max_length=80)
    key = models.CharField(max_length=255)
    route = models.CharField(max_length=200)
    body_hash = models.BinaryField()
    status = models.PositiveSmallIntegerField(null=True)
    answer = SealedField(bound_to="seal_binding")
    # The record that the answer shows ("visits.visitorder", its number); empty where it shows none.
    record_type = models.CharField(max_length=60, blank=True, default="")
    record_id = models.BigIntegerField(null=True)
    created_at = models.DateTimeField()

    objects = PipeQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["caller", "key"], name="one_answer_per_key")]
        indexes = [models.Index(fields=["created_at"], name="idempotency_by_age")]

    def __str__(self) -> str:
        return self.key

    @property
    def seal_binding(self) -> str:
        """What the sealed answer is bound to: one caller's key."""
        return f"{self.caller} {self.key}"
