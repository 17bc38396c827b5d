"""
Move the income and expenses of proposed plans from the clear terms of a decision to its sealed column, 1,000 rows at a time.

Each batch is a transaction of its own: interrupted, it continues with the decisions that still have figures in clear.
Reversed, the figures are opened and written back.
"""

import json
import uuid
from typing import Any, Final

from django.db import migrations, transaction

from backoffice.core.sealed.sealing import seal, unseal

BATCH: Final = 1000
FIGURES: Final = ("monthly_income", "monthly_expenses", "affordable")
PLACE: Final = "cases_decision.means"


def seal_means(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("cases", "Decision").objects.filter(terms__has_any_keys=FIGURES)
    while _batch(rows, _seal_row):
        pass


def open_means(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("cases", "Decision").objects.filter(means_ref__isnull=False)
    while _batch(rows, _open_row):
        pass


def _batch(rows: Any, change: Any) -> int:
    with transaction.atomic():
        batch = list(rows.select_for_update().order_by("pk")[:BATCH])
        for row in batch:
            change(row)
            row.save(update_fields=["terms", "means", "means_ref"])
    return len(batch)


def _seal_row(row: Any) -> None:
    figures = {name: row.terms.pop(name) for name in FIGURES if name in row.terms}
    row.means_ref = uuid.uuid4()
    row.means = seal(text=json.dumps(figures), place=PLACE, bound_to=str(row.means_ref))


def _open_row(row: Any) -> None:
    text = row.means
    if isinstance(text, bytes | memoryview):
        text = unseal(sealed=bytes(text), place=PLACE, bound_to=str(row.means_ref))
    row.terms |= json.loads(text)
    row.means = row.means_ref = None


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("cases", "0054_sealed_means_of_plans"),
    ]

    operations = [
        migrations.RunPython(seal_means, open_means),
    ]
