"""A small profile with a file of three rows, for tests of what happens around an intake."""

PROFILE = """
kind = "ACCOUNTS"
[[territories]]
code = "310000"
name = "上海"
[borrower]
external_ref = { column = "person" }
territory = { column = "branch" }
name = { column = "name" }
[account]
external_ref = { column = "account" }
product = "CASH"
credit_limit = { column = "limit" }
as_of = { column = "as_of" }
"""
CONTENT = (
    "person,branch,account,limit,as_of,name\nP1,310000,K1,100,2026-03-01,张三\nP2,310000,K2,100,2026-03-01,\n"
    "P3,310000,K3,100,2026-03-01,\n"
).encode()
