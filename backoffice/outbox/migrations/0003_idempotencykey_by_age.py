from django.contrib.postgres.operations import AddIndexConcurrently
from django.db import migrations, models


class Migration(migrations.Migration):
    """Index for deleting kept answers by age; concurrently, since the table was never pruned before."""

    atomic = False
    dependencies = [("outbox", "0002_idempotencykey_sealed_answer")]

    operations = [
        AddIndexConcurrently(
            model_name="idempotencykey",
            index=models.Index(fields=["created_at"], name="idempotency_by_age"),
        ),
    ]
