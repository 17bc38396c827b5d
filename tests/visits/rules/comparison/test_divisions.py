"""Names of provinces and cities."""

from visits.rules.comparison.divisions import CITIES, CITY_PROVINCES, PROVINCE_OF, PROVINCES


def test_every_province_is_there_once_and_every_city_lies_in_one():
    assert len(PROVINCES) == 34
    assert set(PROVINCE_OF.values()) <= set(PROVINCES)
    assert set(PROVINCES) >= CITY_PROVINCES
    assert len(CITIES) == len(set(CITIES))


def test_a_longer_name_is_tried_before_a_shorter_one():
    # Otherwise "张家口" would be cut as another city's beginning.
    for names in (PROVINCES, CITIES):
        assert list(map(len, names)) == sorted(map(len, names), reverse=True)


def test_a_name_of_two_provinces_places_nothing():
    assert "海南" not in PROVINCE_OF
    assert "吉林" not in PROVINCE_OF
