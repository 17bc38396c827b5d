"""What a visit is for, in words that tell a third person nothing about why."""

from collections.abc import Mapping
from types import MappingProxyType

from visits.enums import VisitPurpose

PURPOSE_WORDS: Mapping[VisitPurpose, Mapping[str, str]] = MappingProxyType(
    {
        VisitPurpose.VERIFY_IDENTITY: {"zh": "核对本人身份信息", "en": "Confirm your identity"},
        VisitPurpose.ASSESS_CAPACITY: {"zh": "了解您目前的情况", "en": "Learn how you are situated"},
        VisitPurpose.ESTABLISH_CAUSE: {"zh": "听取您的说明", "en": "Hear your account"},
        VisitPurpose.CONFIRM_RESIDENCE: {"zh": "核对居住地址", "en": "Confirm your address"},
    }
)
