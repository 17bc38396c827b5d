import uuid

import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import backoffice.core.sealed.fields


class Migration(migrations.Migration):
    """Requests to set another person's password or second factor, which a second administrator confirms."""

    dependencies = [("access", "0003_attemptcounter")]

    operations = [
        migrations.AddField(
            model_name="user",
            name="session_epoch",
            field=models.PositiveIntegerField(default=0, editable=False),
        ),
        migrations.CreateModel(
            name="CredentialRequest",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "external_ref",
                    models.UUIDField(default=uuid.uuid4, editable=False, unique=True, verbose_name="reference"),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("PASSWORD", "New password"), ("SECOND_FACTOR", "Second factor removed")],
                        max_length=20,
                        verbose_name="kind",
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("PENDING", "Waiting for a second administrator"),
                            ("CONFIRMED", "Carried out"),
                            ("REFUSED", "Refused"),
                        ],
                        default="PENDING",
                        max_length=20,
                        verbose_name="state",
                    ),
                ),
                ("password_hash", models.CharField(blank=True, editable=False, max_length=128)),
                (
                    "reason",
                    backoffice.core.sealed.fields.SealedField(
                        blank=True, bound_to="external_ref", default="", verbose_name="reason"
                    ),
                ),
                ("requested_at", models.DateTimeField(verbose_name="requested at")),
                ("decided_at", models.DateTimeField(null=True, verbose_name="decided at")),
                ("told_at", models.DateTimeField(null=True, verbose_name="person told at")),
                ("announced_at", models.DateTimeField(editable=False, null=True)),
                ("updated_at", models.DateTimeField(verbose_name="updated at")),
                (
                    "user",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="credential_requests",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
                (
                    "requested_by",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="requested by",
                    ),
                ),
                (
                    "decided_by",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="decided by",
                    ),
                ),
            ],
            options={
                "verbose_name": "credential request",
                "verbose_name_plural": "credential requests",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("decided_by__isnull", True))
                        | ~models.Q(("state", "CONFIRMED"))
                        | ~models.Q(("decided_by", models.F("requested_by"))),
                        name="credential_confirmed_by_another_person",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(state="PENDING", decided_by__isnull=True, decided_at__isnull=True)
                        | models.Q(
                            state__in=["CONFIRMED", "REFUSED"], decided_by__isnull=False, decided_at__isnull=False
                        ),
                        name="credential_decided_iff_not_pending",
                    ),
                    models.CheckConstraint(
                        condition=~models.Q(("requested_by", models.F("user")))
                        & (models.Q(("decided_by__isnull", True)) | ~models.Q(("decided_by", models.F("user")))),
                        name="credential_not_by_the_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("state", "PENDING")),
                        fields=("user", "kind"),
                        name="one_pending_credential_request",
                    ),
                ],
            },
        ),
    ]
