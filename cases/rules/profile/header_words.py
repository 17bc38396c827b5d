"""Usual words in the headers of lenders' files, in Chinese and English, by the field of ours that they mean."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

Words = tuple[str, ...]


def _words(text: str) -> Words:
    """Return the words of a text; an underscore stands for a blank or a hyphen of a header."""
    return tuple(text.split())


_ACCOUNT_REF: Final = _words(
    "借据号 借据编号 合同号 合同编号 贷款账号 账户号 账号 卡号 账户编号 贷款编号 借款编号 "
    "loan_no loan_id loan_number loan_nr loan_ref loan_reference account account_no account_id account_number contract_no "
    "contract_id contract_number agreement_no acct_no acct"
)
_BORROWER_REF: Final = _words(
    "客户号 客户编号 客户代码 客户id 借款人编号 会员号 用户id 用户编号 cust_id customer_id "
    "cust_no customer_no customer_number customer borrower borrower_id client client_id client_no member_id user_id person cif"
)
_CHANNEL: Final = _words("渠道 联系方式 联系渠道 方式 channel medium")

# Fields in the order in which they choose their columns, exact words before parts of words.
FIELD_WORDS: Final[Mapping[str, Mapping[str, Words]]] = {
    "borrower": {
        "external_ref": _BORROWER_REF,
        "territory": _words(
            "地区代码 机构代码 区域 地区 城市 经办机构 分行 机构 支行 territory branch city region area"
        ),
        "name": _words("姓名 客户姓名 客户名称 借款人姓名 借款人 户名 name customer_name borrower_name full_name"),
        "id_number": _words(
            "证件号码 身份证号 身份证号码 证件号 身份证 id_number id_no id_card identity_number national_id"
        ),
        "last_app_login_at": _words("最近登录时间 最后登录时间 登录时间 last_app_login_at last_login last_login_at"),
    },
    "account": {
        "external_ref": _ACCOUNT_REF,
        "product": _words("产品 产品类型 贷款品种 业务品种 产品名称 贷款类型 product product_type loan_type"),
        "segment": _words("客群 分组 客户分层 segment"),
        "currency": _words("币种 货币 currency ccy"),
        "status": _words("账户状态 贷款状态 借据状态 状态 status account_status loan_status"),
        "credit_limit": _words(
            "授信额度 信用额度 额度 贷款金额 放款金额 合同金额 借款金额 credit_limit limit loan_amount loan_amt loan_amnt "
            "funded_amount funded_amnt approved_amount disbursed_amount principal"
        ),
        "annual_rate": _words("年利率 年化利率 执行利率 利率 annual_rate apr interest_rate int_rate rate"),
        "outstanding_principal": _words(
            "贷款余额 本金余额 未偿本金 剩余本金 未还本金 借款余额 余额 outstanding_principal "
            "outstanding outstanding_balance principal_balance remaining_principal remaining_balance current_balance out_prncp "
            "balance"
        ),
        "arrears_amount": _words(
            "逾期金额 逾期总额 拖欠金额 逾期本息 欠款金额 arrears_amount arrears amount_in_arrears overdue_amount "
            "past_due_amount amount_past_due"
        ),
        "days_past_due": _words(
            "逾期天数 逾期日数 当前逾期天数 days_past_due dpd overdue_days days_overdue days_late days_in_arrears "
            "days_delinquent 逾期期数 months_past_due mob_overdue"
        ),
        "as_of": _words(
            "数据日期 统计日期 报表日期 截止日期 业务日期 快照日期 as_of as_of_date data_date report_date snapshot_date"
        ),
        "opened_on": _words(
            "开户日期 放款日期 发放日期 借款日期 起息日 合同日期 opened_on open_date opened disbursed_on "
            "disbursed_date disbursement_date issue_date issue_d origination_date start_date"
        ),
    },
    "application": {
        "employer": _words(
            "单位名称 工作单位 工作单位名称 就职单位 现单位名称 雇主 雇主名称 公司名称 employer employer_name company company_name "
            "workplace"
        ),
        "monthly_income": _words(
            "月收入 月收入金额 个人月收入 每月收入 月薪 monthly_income income_monthly income_per_month"
        ),
        "monthly_expenses": _words(
            "月支出 每月支出 个人月支出 月开支 月消费 monthly_expenses monthly_expense monthly_expenditure expenses_per_month"
        ),
        "stated_on": _words(
            "申请日期 申请日 申请时间 进件日期 application_date applied_on apply_date date_of_application"
        ),
    },
    "phones": {
        "number": _words(
            "手机号 手机号码 联系电话 电话 电话号码 移动电话 住宅电话 单位电话 手机 phone mobile tel "
            "telephone phone_number phone_no mobile_number mobile_no cell_phone msisdn"
        ),
    },
    "addresses": {
        "line": _words(
            "居住地址 现住址 家庭地址 户籍地址 联系地址 通讯地址 单位地址 公司地址 地址 住址 address "
            "home_address work_address residence"
        ),
    },
    "statements": {
        "period": _words("账期 账单月 账单日 月份 period statement_month month"),
        "due_on": _words("应还日 到期日 due_on due_date"),
        "balance": _words("账单余额 余额 账单金额 balance bill bill_amt"),
        "due_amount": _words("应还金额 应还 due_amount due"),
        "paid_amount": _words("实还金额 实还 已还 还款 paid_amount paid pay_amt"),
        "days_past_due": _words("逾期天数 days_past_due dpd"),
    },
    "repayments": {
        "external_ref": _words("还款流水号 流水号 repayment_ref payment_ref"),
        "amount": _words("还款金额 repayment repayment_amount payment_amount"),
        "paid_on": _words("还款日期 还款日 paid_on payment_date"),
    },
    "repayment": {
        "external_ref": _words(
            "还款流水号 流水号 交易流水号 交易编号 还款编号 external_ref reference transaction_id payment_id"
        ),
        "account": _ACCOUNT_REF,
        "amount": _words("还款金额 金额 实还金额 交易金额 amount paid_amount payment_amount"),
        "paid_on": _words("还款日期 还款日 交易日期 入账日期 日期 paid_on payment_date date"),
        "means": _words("还款方式 还款渠道 支付方式 means method payment_method"),
    },
    "contact": {
        "external_ref": _words("联系编号 流水号 记录编号 通话编号 external_ref reference call_id record_id"),
        "borrower": _BORROWER_REF,
        "channel": _CHANNEL,
        "direction": _words("方向 呼叫方向 呼入呼出 direction"),
        "outcome": _words("联系结果 通话结果 结果 outcome result"),
        "right_party": _words("是否本人 本人接通 right_party rpc"),
        "receipt": _words("是否回执 回执 receipt"),
        "attempted_at": _words("联系时间 拨打时间 呼叫时间 时间 attempted_at call_time time contacted_at"),
        "number": _words("号码 手机号 电话 联系电话 number phone"),
        "permit_ref": _words("许可编号 联系许可 permit_ref permit"),
        "cost": _words("费用 成本 cost"),
    },
    "promise": {
        "external_ref": _words("承诺编号 流水号 external_ref reference promise_id"),
        "account": _ACCOUNT_REF,
        "channel": _CHANNEL,
        "amount": _words("承诺金额 金额 amount promised_amount"),
        "promised_on": _words("承诺日期 登记日期 promised_on promise_date"),
        "due_on": _words("承诺还款日 约定还款日 到期日 due_on due_date"),
        "state": _words("承诺状态 状态 state status"),
        "settled_on": _words("履约日期 了结日期 settled_on"),
    },
    "signal": {
        "external_ref": _words("线索编号 流水号 external_ref reference signal_id"),
        "borrower": _BORROWER_REF,
        "kind": _words("线索类型 信号类型 类型 kind type signal"),
        "source": _words("来源 数据来源 source"),
        "confidence": _words("置信度 可信度 confidence score"),
        "noticed_on": _words("发现日期 日期 noticed_on date"),
        "cleared_on": _words("排除日期 解除日期 cleared_on"),
    },
    "outcome": {
        "external_ref": _words("结果编号 流水号 external_ref reference outcome_id"),
        "account": _ACCOUNT_REF,
        "kind": _words("结果类型 类型 kind type outcome"),
        "observed_on": _words("观察日期 日期 observed_on date"),
        "is_bad": _words("是否坏账 是否违约 坏样本 is_bad bad default"),
    },
}

# Columns of traits that must not become an input of any decision.
PROTECTED_WORDS: Final = frozenset(
    _words(
        "性别 年龄 出生日期 出生年月 生日 婚姻 婚姻状况 学历 文化程度 教育程度 民族 宗教 宗教信仰 "
        "国籍 健康状况 残疾 是否怀孕 子女数 子女人数 子女 sex gender age birth_date birthdate "
        "birthday date_of_birth born_on dob marriage marital_status education ethnicity race "
        "religion nationality health disability pregnancy children children_count"
    )
)

# Telephones and addresses of other people than the borrower.
OTHER_PERSON: Final = re.compile(
    r"联系人|紧急|亲属|亲友|担保|配偶|父母|同事|emergency|relative|guarantor|spouse|reference"
)

# What a file says about an employer, or of a household, beside what the borrower stated of themselves.
OTHER_STATEMENT: Final = re.compile(
    r"地址|住址|电话|手机|性质|类型|类别|规模|行业|代码|编号|家庭|共同|address|phone|tel|mobile|type|industry|code|_id|_no|household|family"
)

# The kind of an address by a part of its header.
ADDRESS_KINDS: Final = (
    (re.compile(r"户籍|户口|register|hukou"), "REGISTER"),
    (re.compile(r"单位|公司|工作|employer|work|office|company"), "EMPLOYER"),
    (re.compile(r"邮寄|通讯|通信|mail|post"), "MAILING"),
    (re.compile(r"房产|property"), "PROPERTY"),
    (re.compile(r"经营|business|shop"), "BUSINESS"),
)

# Words of a file for our values; the words of the page and our own codes are known besides.
VALUE_WORDS: Final[Mapping[str, Words]] = {
    "CONSUMER": _words("消费贷 消费贷款 消费分期 商品分期 consumer"),
    "CASH": _words("现金贷 现金分期 信用贷 信用贷款 个人贷款 cash"),
    "CARD": _words("信用卡 贷记卡 card credit_card"),
    "ACTIVE": _words("正常 逾期 使用中 有效 active normal open overdue current"),
    "FROZEN": _words("冻结 止付 停用 frozen blocked"),
    "CLOSED": _words("结清 已结清 销户 关闭 已还清 closed settled paid_off"),
    "WRITTEN_OFF": _words("核销 已核销 呆账 written_off charged_off write-off"),
    "SMS": _words("短信 sms text"),
    "VOICE": _words("电话 语音 外呼 voice call phone"),
    "APP": _words("app 推送 app推送"),
    "LETTER": _words("信函 函件 letter mail"),
    "VISIT": _words("上门 外访 visit"),
    "INBOUND": _words("呼入 来电 in inbound"),
    "OUTBOUND": _words("呼出 去电 out outbound"),
    "RIGHT_PARTY": _words("本人接通 本人 接通"),
    "THIRD_PARTY": _words("第三人接听 他人接听 非本人"),
    "NO_ANSWER": _words("无人接听 未接 无应答"),
    "BUSY": _words("占线 忙"),
    "REFUSED": _words("拒接 挂断"),
    "SWITCHED_OFF": _words("关机"),
    "SUSPENDED": _words("停机"),
    "NO_SUCH_NUMBER": _words("空号"),
    "NEW_OWNER": _words("换机主 号码易主"),
    "DELIVERED": _words("已送达 送达"),
    "READ": _words("已读"),
    "NOT_DELIVERED": _words("未送达 发送失败"),
    "OPEN": _words("未到期 待履约 open"),
    "KEPT": _words("已履约 履约 kept"),
    "BROKEN": _words("违约 未履约 broken"),
    "WITHDRAWN": _words("撤销 withdrawn"),
}


def normal(text: str) -> str:
    """
    Return a header without brackets and what is in them, blanks, marks and case.

    "授信额度（万元）" is "授信额度", "Loan No." and "LoanNo" are "loan_no".
    """
    plain = re.sub(r"\([^)]*\)|\[[^\]]*\]|【[^】]*】", "", unicodedata.normalize("NFKC", text))
    plain = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", plain).lower()
    plain = re.sub(r"(?<=[a-z0-9])[\s\-./]+(?=[a-z0-9])", "_", plain.strip())
    return re.sub(r"[\s:*#\"'、]+", "", plain).strip("_")


def is_protected(column: str) -> bool:
    """Return whether a column of a file holds a trait that is never taken in, by its header."""
    return normal(column) in PROTECTED_WORDS


def fit(column: str, words: Words) -> float:
    """Return how well a header fits the words of a field: 1 for one of them, less for a part of it, 0 for none."""
    header = normal(column)
    if header in words:
        return 1 - words.index(header) / 1000
    parts = [word for word in words if len(word) >= 2 and not word.isascii() and word in header]
    parts += [word for word in words if word.isascii() and len(word) >= 3 and _has_word(header, word)]
    return max((0.5 * len(word) / len(header) for word in parts), default=0)


def _has_word(header: str, word: str) -> bool:
    return f"_{word}_" in f"_{re.sub(r'[0-9]+', '_', header)}_"
