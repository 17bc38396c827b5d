"""The names of the benches."""

import re
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from backoffice.bench import BENCHES


def test_each_bench_has_one_name():
    places = [bench.place for bench in BENCHES.values()]

    assert sorted(places) == sorted(set(places))


def test_make_bench_runs_a_bench_that_exists_when_no_name_is_given():
    makefile = (Path(settings.BASE_DIR) / "Makefile").read_text()

    assert re.findall(r"^BENCH \?= (\S+)$", makefile, re.MULTILINE) == ["evaluation"]
    assert "evaluation" in BENCHES


def test_an_unknown_bench_is_refused_with_the_known_names():
    with pytest.raises(CommandError) as refusal:
        call_command("bench", "evaluate")

    listed = str(refusal.value).partition("choose from")[2]
    assert re.findall(r"[a-z]+", listed) == sorted(BENCHES)
