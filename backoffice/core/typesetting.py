"""Setting letters in type: a template of typst and the values that it prints become a PDF."""

import json
from collections.abc import Mapping
from datetime import datetime
from functools import cache
from pathlib import Path
from typing import Any


def typeset(*, template: Path, values: Mapping[str, Any], dated: datetime | None) -> bytes:
    """
    Return the PDF of a template; it reads `values` as JSON from `sys.inputs.data`.

    Only the shipped fonts are used, so the same template, values and moment `dated` give the same bytes everywhere.
    """
    import typst  # noqa: PLC0415 - 50 MB that only letters need

    content: bytes = typst.compile(
        template.read_bytes(),
        font_paths=_fonts(),
        ignore_system_fonts=True,
        format="pdf",
        sys_inputs={"data": json.dumps(dict(values), ensure_ascii=False)},
        # typst refuses a timestamp with a fraction of a second.
        timestamp=dated.replace(microsecond=0) if dated else None,
    )
    return content


@cache
def _fonts() -> Any:
    import typst  # noqa: PLC0415 - see typeset
    from pylopdf_fonts_zh_cn import sans_path  # noqa: PLC0415 - 16 MB of fonts that only letters need

    return typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(sans_path().parent)])
