"""Synthetic names, identity numbers of the unassigned region 999999, and unassignable telephone numbers."""

from random import Random

from backoffice.core.canonical.identity_numbers import check_character

SURNAMES = "赵钱孙李周吴郑王冯陈褚卫蒋沈韩杨朱秦尤许何吕施张孔曹严华金魏陶姜戚谢邹喻柏水窦章云苏潘葛奚范彭郎"
GIVEN = "安博晨丹恩芳刚浩洁凯兰梅宁鹏琪然思婷伟欣雅泽志军磊静敏娟勇艳杰涛明超霞平辉玲桂建文丽"


def full_name(*, random: Random) -> str:
    """Return a Chinese name of two or three characters."""
    given = random.choice(GIVEN) + (random.choice(GIVEN) if random.random() < 0.75 else "")
    return random.choice(SURNAMES) + given


def identity_number(*, random: Random, number: int) -> str:
    """
    Return a sound identity number of region 999999, which belongs to nobody.

    `number` makes it unlike every other: the day follows from it, too (1960 to 1999, day 1 to 28).
    """
    day = f"{1960 + number % 40}{1 + number // 40 % 12:02d}{1 + number // 480 % 28:02d}"
    digits = f"999999{day}{(number // 13_440 * 7 + random.randrange(7)) % 1000:03d}"
    return digits + check_character(body=digits)


def mobile_number(*, number: int) -> str:
    """Return eleven digits beginning with 154, a prefix that is not assigned to anybody."""
    return f"154{number % 100_000_000:08d}"
