"""The archive of a bundle for legal recovery: its papers and a manifest with the SHA-256 of each."""

import hashlib
import io
import json
import zipfile
from collections.abc import Iterable, Mapping
from typing import Any, Final

from reports.selectors.legal_papers import LeftOut, Paper

MANIFEST: Final = "manifest.json"
# The archive's own time stamps say nothing, so that they differ for nobody: the earliest that the format knows.
_NO_TIME: Final = (1980, 1, 1, 0, 0, 0)


def archive(*, papers: Iterable[Paper], left_out: Iterable[LeftOut], about: Mapping[str, Any]) -> bytes:
    """
    Return a ZIP of the papers and `manifest.json`: `about`, and the name, bytes and SHA-256 of every file, by name.

    The same papers and the same `about` give the same bytes.
    """
    ordered = sorted(papers, key=lambda paper: paper.name)
    manifest = {
        **about,
        "files": [
            {
                "name": paper.name,
                "bytes": len(paper.content),
                "sha256": hashlib.sha256(paper.content).hexdigest(),
            }
            for paper in ordered
        ],
        "left_out": [{"reference": each.reference, "problem": each.problem} for each in left_out],
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=2, sort_keys=True)
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as zipped:
        for name, content in ((MANIFEST, text.encode()), *((paper.name, paper.content) for paper in ordered)):
            zipped.writestr(zipfile.ZipInfo(name, _NO_TIME), content, zipfile.ZIP_DEFLATED)
    return made.getvalue()
