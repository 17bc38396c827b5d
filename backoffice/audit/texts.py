"""Typed text does not belong in the trail, which is kept for ever: what a body may hold, and the guard."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from django.conf import settings

# More spaces than this make a sentence of what should be a code, a number, a date or a short name of ours.
MOST_SPACES: Final = 2
_CHINESE: Final = re.compile("[\u3400-\u9fff\uf900-\ufaff\U00020000-\U0003ffff]")


class TypedText(ValueError):
    """The body of an audit entry holds what looks like text that a person typed."""


def typed_texts(body: Any, *, key: str = "") -> Iterator[str]:
    """Yield the keys ("reason", "limits.note") of `body` whose texts have Chinese characters or many spaces."""
    if isinstance(body, Mapping):
        for name, item in body.items():
            if _looks_typed(name):
                yield key or "a key"
            yield from typed_texts(item, key=f"{key}.{name}" if key else name)
    elif isinstance(body, list):
        for item in body:
            yield from typed_texts(item, key=key)
    elif isinstance(body, str) and _looks_typed(body):
        yield key


def refuse_typed_text(*, action: str, body: Mapping[str, Any]) -> None:
    """
    Refuse a body with typed text, except under the "action:key" pairs of the setting AUDIT_TEXTS.

    :raises TypedText: with the action and the keys.
    """
    found = sorted({key for key in typed_texts(body) if f"{action}:{key}" not in settings.AUDIT_TEXTS})
    if found:
        raise TypedText(f"{action}: {', '.join(found)} holds typed text. Record a code, an id or a digest instead.")


def _looks_typed(text: str) -> bool:
    return text.count(" ") > MOST_SPACES or _CHINESE.search(text) is not None
