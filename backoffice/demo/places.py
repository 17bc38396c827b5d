"""Three cities for the demo: real districts, invented streets."""

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True, slots=True, kw_only=True)
class District:
    """A district with its code (GB/T 2260) and a central point in degrees (WGS 84)."""

    name: str
    adcode: str
    latitude: float
    longitude: float


@dataclass(frozen=True, slots=True, kw_only=True)
class City:
    """A city, which is also a territory of the demo."""

    code: str
    name: str
    name_en: str
    districts: tuple[District, ...]


def _d(name: str, adcode: str, latitude: float, longitude: float) -> District:
    return District(name=name, adcode=adcode, latitude=latitude, longitude=longitude)


CITIES = (
    City(
        code="310000",
        name="上海",
        name_en="Shanghai",
        districts=(
            _d("黄浦区", "310101", 31.222, 121.490),
            _d("徐汇区", "310104", 31.180, 121.437),
            _d("普陀区", "310107", 31.250, 121.396),
            _d("杨浦区", "310110", 31.270, 121.526),
        ),
    ),
    City(
        code="510100",
        name="成都",
        name_en="Chengdu",
        districts=(
            _d("锦江区", "510104", 30.636, 104.095),
            _d("青羊区", "510105", 30.674, 104.055),
            _d("武侯区", "510107", 30.642, 104.043),
            _d("成华区", "510108", 30.665, 104.125),
        ),
    ),
    City(
        code="610100",
        name="西安",
        name_en="Xi'an",
        districts=(
            _d("新城区", "610102", 34.268, 108.980),
            _d("碑林区", "610103", 34.250, 108.950),
            _d("雁塔区", "610113", 34.215, 108.945),
            _d("未央区", "610112", 34.310, 108.940),
        ),
    ),
)
# Invented street names.
STREETS = (
    "示例一路",
    "示例二路",
    "示例三路",
    "示和街",
    "样板路",
    "范例东路",
    "范例西路",
    "演示大道",
    "虚构巷",
    "试行街",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """One address."""

    line: str
    adcode: str
    latitude: float
    longitude: float
    is_rural: bool


def place_in(*, city: City, random: Random) -> Place:
    """Return an address within about 3 km of the central point of one of the city's districts."""
    district = random.choice(city.districts)
    is_rural = random.random() < 0.03
    street = "示例村" if is_rural else random.choice(STREETS)
    door = (
        f"{random.randint(1, 120)}号"
        if is_rural
        else f"{random.randint(1, 999)}号{random.randint(1, 30)}幢{random.randint(1, 25)}0{random.randint(1, 4)}室"
    )
    return Place(
        line=f"{city.name}市{district.name}{street}{door}",
        adcode=district.adcode,
        latitude=round(district.latitude + random.uniform(-0.025, 0.025), 6),
        longitude=round(district.longitude + random.uniform(-0.025, 0.025), 6),
        is_rural=is_rural,
    )
