"""manage.py conduct: the page is what the code says, and its rows name what exists."""

from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from visits.rules.conduct.conduct_page import MARK


def test_the_written_page_is_what_the_code_says():
    call_command("conduct", "--check", stdout=StringIO())


def test_a_page_changed_by_hand_is_refused_and_written_anew(tmp_path, settings):
    root = Path(settings.BASE_DIR)
    for name in ("docs", "visits", "cases", "backoffice", "tests"):
        (tmp_path / name).symlink_to(root / name) if name != "docs" else (tmp_path / name).mkdir()
    page = tmp_path / "docs" / "conduct.md"
    page.write_text(f"# By hand\n\n{MARK}\n\nold\n", encoding="utf-8")
    settings.BASE_DIR = tmp_path

    with pytest.raises(CommandError, match="conduct --write"):
        call_command("conduct", "--check", stdout=StringIO())
    call_command("conduct", "--write", stdout=StringIO())

    call_command("conduct", "--check", stdout=StringIO())
    assert page.read_text(encoding="utf-8").startswith(f"# By hand\n\n{MARK}\n\n## Limits by jurisdiction\n")


def test_the_page_has_every_row_once():
    out = StringIO()
    call_command("conduct", stdout=out)

    rows = out.getvalue().partition("## The 48 rows")[2].splitlines()
    assert [line.split(" | ")[0] for line in rows if line[2:4].strip().isdigit()] == [f"| {n}" for n in range(1, 49)]
