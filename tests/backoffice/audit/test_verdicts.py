"""The outcome of a verification as a sentence, in both languages."""

import pytest
from django.utils.translation import override

from backoffice.audit.verdicts import verdict_sentence
from backoffice.audit.verifier import ChainVerdict


@pytest.mark.parametrize(
    ("verdict", "english", "chinese"),
    [
        (
            ChainVerdict(entries=0, ok=True, first_bad=None),
            "All 0 entries fit.",
            "全部 0 条记录校验一致。",
        ),
        (
            ChainVerdict(entries=1234, ok=True, first_bad=None, access_entries=9, checkpoints=2),
            "All 1234 entries fit.",
            "全部 1234 条记录校验一致。",
        ),
        (
            ChainVerdict(entries=6, ok=False, first_bad=7),
            "The chain breaks at entry 7. Keep the database as it is and compare with the last backup.",
            "记录链在第 7 条处断裂。请保留数据库现状，并与最近一次备份比对。",
        ),
        (
            ChainVerdict(entries=9, ok=False, first_bad=None, access_first_bad=1),
            "The access log breaks at entry 1. Keep the database as it is and compare with the last backup.",
            "个人信息查看记录在第 1 条处断裂。请保留数据库现状，并与最近一次备份比对。",
        ),
        # Where both are broken the trail comes first.
        (
            ChainVerdict(entries=2, ok=False, first_bad=3, access_first_bad=4, checkpoint_problem="no signature"),
            "The chain breaks at entry 3. Keep the database as it is and compare with the last backup.",
            "记录链在第 3 条处断裂。请保留数据库现状，并与最近一次备份比对。",
        ),
        (
            ChainVerdict(entries=2, ok=False, first_bad=None, checkpoint_problem="line 5"),
            "The signed checkpoints were altered: line 5. Compare them with their last copy.",
            "签名检查点被改动：line 5。请与其最近的副本比对。",
        ),
    ],
)
def test_a_verdict_says_what_was_found_and_what_to_do(verdict, english, chinese):
    with override("en"):
        assert verdict_sentence(verdict) == english
    with override("zh-hans"):
        assert verdict_sentence(verdict) == chinese
