"""The table of fields of docs/profiles.md, as the catalogue of fields says it."""

from cases.rules.profile.fields import REPEATED, SINGLE, Field


def field_lines() -> list[str]:
    """Return one line for each section: its fields, required ones bold, each with its words if only some are allowed."""
    sections = {
        name: fields for kinds in (SINGLE, REPEATED) for sections in kinds.values() for name, fields in sections.items()
    }
    return [
        f"| {name} | {', '.join(_written(key, field) for key, field in fields.items())} |"
        for name, fields in sections.items()
    ]


def _written(key: str, field: Field) -> str:
    required = field.required or key == "external_ref"
    words = f" ({' '.join(sorted(field.choices))})" if field.choices else ""
    return (f"**{key}**" if required else key) + words
