"""A lender's coordinates of a Chinese map are stored as WGS 84."""

from pathlib import Path
from typing import Any

import pytest

from cases.models import Address
from cases.rules.profile.parse import parse_profile
from tests.cases.services.intake.account_files import PROFILE, account_file, row, take


@pytest.mark.parametrize(
    ("datum", "latitude", "longitude"),
    [("gcj02", "39.908777", "116.397592"), ("bd09", "39.915119", "116.403963"), ("wgs84", "39.907375", "116.391349")],
)
def test_take_in_converts_coordinates(db: Any, tmp_path: Path, datum: str, latitude: str, longitude: str) -> None:
    profile = parse_profile(
        text=PROFILE.replace("[[territories]]", f'[file]\ndatum = "{datum}"\n[[territories]]'), name="t"
    )

    take(account_file(tmp_path, row(1, lat=latitude, lon=longitude)), profile=profile)

    found = Address.objects.get().coordinates
    assert found == pytest.approx((39.907375, 116.391349), abs=0.0001)
