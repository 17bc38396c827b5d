"""Event rows with personal data: sealed columns, their blind indexes, and the digest that tells whether they changed."""

from collections.abc import Mapping, Sequence
from typing import Any

from backoffice.core.sealed.sealing import blind_indexes, keyed_digests, seal_all
from cases.services.intake.events.tables import Event


def sealed_columns(*, event: Event, values: Mapping[str, Sequence[Any]]) -> dict[str, Sequence[Any]]:
    """Return the staging columns of the sealed fields of `event`, and the digest of the rows' sealed content."""
    refs = values["external_ref"]
    columns: dict[str, Sequence[Any]] = {}
    contents = []
    for name, kind in event.sealed:
        texts = [text or "" for text in values.get(name, [""] * len(refs))]
        contents.append(texts)
        columns[name] = seal_all(texts=texts, place=f"{event.target.table}.{name}", bound_to=refs)
        columns[f"{name}_index"] = blind_indexes(texts=texts, kind=kind)
    columns["source_digest"] = keyed_digests(
        texts=["\x1e".join(row) for row in zip(*contents, strict=True)], kind=event.section
    )
    return columns
