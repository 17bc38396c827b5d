"""The packages that lint and test the JavaScript: locked, for development only, and loaded from no named host."""

import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[2]
LOCK = ROOT / "tests/javascript/package-lock.json"


def test_the_lock_names_no_host_and_a_checksum_for_each_package():
    text = LOCK.read_text()
    packages = {name: package for name, package in json.loads(text)["packages"].items() if name}

    assert re.findall(r"https?://|registry", text) == []
    assert [name for name, package in packages.items() if not package["integrity"].startswith("sha512-")] == []
    assert [name for name, package in packages.items() if not package.get("dev")] == []


def test_the_top_level_has_no_packages_and_pages_load_none():
    assert [path.name for path in ROOT.glob("package*.json")] == []
    loaded = [
        script for folder in ("backoffice", "cases", "visits") for script in (ROOT / folder / "static").rglob("*.js")
    ]

    # A module names another file of the tree; anything else would be a package.
    assert [
        script.name
        for script in loaded
        if re.search(r"^import (?!.*\bfrom \"\.\.?/)|require\(", script.read_text(), re.MULTILINE)
    ] == []
