"""The archive of a bundle: papers, and a manifest that names each with its hash."""

import hashlib
import io
import json
import zipfile

from reports.selectors.legal_papers import LeftOut, Paper
from reports.services.bundle_archive import archive
from tests.factories.legal import AT, LATER

PAPERS = [Paper(name="letters/H0000001.pdf", content=b"letter"), Paper(name="case-file.pdf", content=b"file")]


def test_the_manifest_names_every_file_and_what_is_missing():
    content = archive(
        papers=PAPERS, left_out=[LeftOut(reference="M1", problem="file_lost")], about={"asked_by": "李大明"}
    )

    with zipfile.ZipFile(io.BytesIO(content)) as zipped:
        held = {name: zipped.read(name) for name in zipped.namelist()}
    assert list(held) == ["manifest.json", "case-file.pdf", "letters/H0000001.pdf"]
    assert json.loads(held["manifest.json"]) == {
        "asked_by": "李大明",
        "files": [
            {"name": name, "bytes": len(held[name]), "sha256": hashlib.sha256(held[name]).hexdigest()}
            for name in ("case-file.pdf", "letters/H0000001.pdf")
        ],
        "left_out": [{"reference": "M1", "problem": "file_lost"}],
    }


def test_the_order_of_the_papers_and_the_clock_change_nothing(time_machine):
    time_machine.move_to(AT, tick=False)
    first = archive(papers=PAPERS, left_out=[], about={})
    time_machine.move_to(LATER, tick=False)

    assert archive(papers=reversed(PAPERS), left_out=[], about={}) == first
