"""Turn the free text of end reasons into a code of the closed list and a sealed note."""

from typing import Any

from django.db import migrations

from backoffice.core.sealed.sealing import seal, unseal

SYSTEM = {"VALIDITY": "LAPSED", "TERM": "TERM_ENDED", "RED_LINE": "RED_LINE"}
FINDINGS = {"F40": "UNSAFE", "F41": "NOT_DUE"}
STATES = {"RECALLED": "RECALLED", "RETURNED": "RETURNED"}
BATCH = 1000


def divided(text: str, state: str) -> tuple[str, str]:
    """Return the code and the note of an end reason as it was written until now."""
    if text in SYSTEM:
        return SYSTEM[text], ""
    finding, _space, rest = text.partition(" ")
    if finding in FINDINGS:
        return FINDINGS[finding], rest
    return STATES.get(state, "OTHER"), text


def seal_notes(apps: Any, _schema_editor: Any) -> None:
    for model in (apps.get_model("visits", "VisitOrder"), apps.get_model("visits", "Placement")):
        place = f"{model._meta.db_table}.end_note"
        written = model.objects.exclude(end_reason="").order_by("pk").values_list("pk", "end_reason", "state")
        for pk, text, state in written.iterator(chunk_size=BATCH):
            code, note = divided(text, state)
            model.objects.filter(pk=pk).update(end_reason=code, end_note=seal(text=note, place=place, bound_to=str(pk)))


def open_notes(apps: Any, _schema_editor: Any) -> None:
    for model in (apps.get_model("visits", "VisitOrder"), apps.get_model("visits", "Placement")):
        place = f"{model._meta.db_table}.end_note"
        for row in model.objects.exclude(end_reason="").order_by("pk").only("pk", "end_note").iterator(BATCH):
            note = unseal(sealed=bytes(row.__dict__["end_note"] or b""), place=place, bound_to=str(row.pk))
            if note:
                model.objects.filter(pk=row.pk).update(end_reason=note[:200], end_note=b"")


class Migration(migrations.Migration):
    dependencies = [("visits", "0005_endings_have_a_sealed_note")]

    operations = [migrations.RunPython(seal_notes, open_notes)]
