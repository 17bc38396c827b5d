from django.db import migrations, models

# Events handed over before: as many receivers as deliveries were made of them.
_COUNT = """
    UPDATE outbox_outboxevent AS event
    SET receivers = (SELECT count(*) FROM outbox_webhookdelivery AS delivery WHERE delivery.event_id = event.id)
    WHERE event.fanned_out_at IS NOT NULL"""


class Migration(migrations.Migration):
    """How many endpoints received an event, so that an event without a receiver is not taken for a sent one."""

    dependencies = [("outbox", "0003_idempotencykey_by_age")]

    operations = [
        migrations.AddField(
            model_name="outboxevent",
            name="receivers",
            field=models.PositiveIntegerField(blank=True, null=True, verbose_name="receivers"),
        ),
        migrations.RunSQL(_COUNT, migrations.RunSQL.noop),
    ]
