"""Whether two names can be one employer: legal forms, places and brackets left out."""

import re
import unicodedata
from typing import Final

from backoffice.core.canonical.texts import is_chinese, says_nothing, visible
from visits.rules.comparison.divisions import CITIES, PROVINCES
from visits.rules.comparison.matching import Match

# Possessive: a row of these words can be divided in very many ways, and each would be tried.
_LEGAL_FORM: Final = re.compile(
    r"(?:股份有限责任公司|股份有限公司|有限责任公司|有限公司|股份公司|集团公司|总公司|公司|集团|股份|\(?普通合伙\)?|\(?有限合伙\)?"
    r"|\(?个人独资\)?|个体工商户)++$"
)
# What stands behind the name of the employer: the office or part where somebody works.
_BRANCH: Final = re.compile(
    r"(?<=.{2})(?:公司|集团|银行|医院|学校|大学)[\u4e00-\u9fff]{0,10}(?:分公司|子公司|办事处|分行|支行|分院|分部|营业部|门店|工厂|事业部)$"
)
_LATIN_FORM: Final = re.compile(
    r"\b(?:CO|COMPANY|LTD|LIMITED|INC|INCORPORATED|LLC|LLP|PLC|CORP|CORPORATION|GMBH|GROUP|HOLDINGS?|THE)\b"
)
_PLACE_WORDS: Final = ("省", "市", "特别行政区", "自治区", "区", "县", "")
_COUNTRY: Final = ("中华人民共和国", "中国")
# Firms that pay contributions and wages for the people of others: they say nothing of where somebody works.
_PAYS_FOR_OTHERS: Final = re.compile("人力资源|劳务|派遣|外包|人才服务|人事代理|人才交流|社保代理")
# No name of an employer.
_NOBODY: Final = frozenset(
    {
        "自由职业",
        "自由职业者",
        "个体",
        "个体户",
        "自营",
        "无业",
        "待业",
        "失业",
        "退休",
        "学生",
        "务农",
        "灵活就业",
        "SELFEMPLOYED",
        "FREELANCE",
        "UNEMPLOYED",
        "RETIRED",
        "STUDENT",
    }
)
_LONGEST_SHORT_NAME: Final = 3


def compare_employers(*, left: str, right: str) -> Match:
    """
    Return whether two names can be one employer.

    Left out are legal forms (有限公司, Co. Ltd), brackets, the place before the name, and the branch behind it. A short name counts
    as the long one that holds it, or whose characters it takes in their order (中行: 中国银行). UNKNOWN: one side names no
    employer, one side is a firm that pays for others, or one is in Chinese and the other is not.
    """
    if any(_PAYS_FOR_OTHERS.search(name) for name in (left, right)):
        return Match.UNKNOWN
    first, second = _core(left), _core(right)
    if not first or not second or is_chinese(first) != is_chinese(second):
        return Match.UNKNOWN
    pairs = [(one, other) for one in _forms(first) for other in _forms(second)]
    if any(one == other or _is_short_for(one, other) or _is_short_for(other, one) for one, other in pairs):
        return Match.SAME
    return Match.DIFFERENT


def _forms(core: str) -> tuple[str, ...]:
    """Return the name with and without the country before it: 中国工商银行 is 工商银行, but 中国银行 is no bank of any name."""
    for country in _COUNTRY:
        if core.startswith(country) and len(core) - len(country) >= 3:
            return core, core.removeprefix(country)
    return (core,)


def _core(name: str) -> str:
    if says_nothing(name):
        return ""
    text = unicodedata.normalize("NFKC", visible(name)).upper()
    if not is_chinese(text):
        text = _LATIN_FORM.sub(" ", re.sub(r"[^A-Z0-9 ]", "", text.replace("-", " ").replace("&", " AND ")))
        joined = "".join(text.split())
        return "" if joined in _NOBODY else joined
    text = re.sub(r"[^0-9A-Z\u3400-\u9fff]", "", re.sub(r"[()]", "", text))
    if text in _NOBODY:
        return ""
    text = _without_places(text)
    text = _BRANCH.sub(_named_by, text)
    core = _LEGAL_FORM.sub("", text)
    return core or text


def _named_by(found: re.Match[str]) -> str:
    """Return the employer's own word of what stood before its branch: 银行, but not 公司."""
    word = found[0][:2]
    return word if word in ("银行", "医院", "学校", "大学") else ""


def _without_places(text: str) -> str:
    """Return a name without the province, city and district before it, and a place in its middle."""
    for names in (PROVINCES, CITIES):
        for place in names:
            found = next((place + word for word in _PLACE_WORDS if text.startswith(place + word)), "")
            if found and len(_LEGAL_FORM.sub("", text.removeprefix(found))) >= 2:
                text = text.removeprefix(found)
                break
    district = re.match(r"[\u4e00-\u9fff]{2,3}[区县](?=.{4})", text)
    text = text[district.end() :] if district else text
    form = _LEGAL_FORM.search(text)
    if form:
        # 示例科技(杭州)有限公司: the place stands before the legal form.
        stem = text[: form.start()]
        for place in (*PROVINCES, *CITIES):
            if stem.endswith(place) and len(stem) - len(place) >= 2:
                return stem.removesuffix(place) + form[0]
    return text


def _is_short_for(short: str, long: str) -> bool:
    if len(short) < 2 or len(short) >= len(long):
        return False
    if short in long:
        return True
    if len(short) > _LONGEST_SHORT_NAME or not is_chinese(short):
        return False
    rest = iter(long)
    return short[0] in long[:3] and len(long) >= len(short) + 2 and all(letter in rest for letter in short)
