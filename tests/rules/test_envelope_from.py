"""エンベロープFrom: the manual's cases, and what must never change."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cmcdesk.mail.smtp.command_line import PathArgument, parse_mail_argument
from cmcdesk.rules.envelope_from import rewrite_sender
from cmcdesk.rules.settings import Composition, SettingsError, check_composition, defaults_of


def pro(rewrite: bool, domain: str) -> Composition:
    envelope_from = {"rewrite": rewrite, "domain": domain}
    return check_composition({"name": "pro", "advanced": {"envelope_from": envelope_from}})


@pytest.mark.parametrize(
    ("composition", "sender", "rewritten"),
    [
        (pro(True, "return.example.com"), "info@example.com", "info@return.example.com"),  # own bounce domain
        (defaults_of("pro", "pro"), "info@example.com", "info@return.pro.smtps.jp"),  # 初期設定 of Pro
        (defaults_of("standard", "sandbox"), "info@smtps.jp", "info@return.sandbox.smtps.jp"),
        (defaults_of("standard", "transactional-email"), "info@example.com", "info@return.te.smtps.jp"),
        (pro(False, "return.example.com"), "info@example.com", "info@example.com"),  # 書き換えない
        (pro(False, ""), "info@example.com", "info@example.com"),
        (pro(True, "return.example.com"), "", ""),
        (pro(True, "return.example.com"), "info@return.example.com", "info@return.example.com"),
        (pro(True, "return.example.com"), '"a@b"@example.com', '"a@b"@return.example.com'),
        (pro(True, "return.example.com"), "Info+Tag@EXAMPLE.com", "Info+Tag@return.example.com"),
        (pro(True, "return.example.com"), "taro.@example.com", "taro.@return.example.com"),  # Japanese carriers
        (pro(True, "return.example.com"), "info@[192.0.2.1]", "info@return.example.com"),
        (pro(True, "例え.jp"), "利用者@example.com", "利用者@xn--r8jz45g.jp"),
    ],
)
def test_what_becomes_of_a_sender(composition: Composition, sender: str, rewritten: str) -> None:
    assert rewrite_sender(sender, composition) == rewritten


def test_standard_cannot_be_told_not_to_rewrite() -> None:
    with pytest.raises(SettingsError):
        check_composition({"name": "sandbox", "advanced": {"envelope_from": {"rewrite": False}}})


ATOM = st.text(st.characters(exclude_characters=' ()<>[]\\,;:@"', exclude_categories=["C", "Z"]), min_size=1)
QUOTED = st.text(st.sampled_from("ab@. ;:<>,"), max_size=20).map(lambda text: f'"{text}"')


@given(ATOM | QUOTED, st.sampled_from(["example.com", "[192.0.2.1]", "xn--r8jz45g.jp"]), st.booleans())
def test_only_the_domain_changes_once_and_for_all(local_part: str, domain: str, rewrites: bool) -> None:
    composition = pro(rewrites, "return.example.com")
    sender = f"{local_part}@{domain}"
    rewritten = rewrite_sender(sender, composition)
    assert rewritten == f"{local_part}@{'return.example.com' if rewrites else domain}"
    assert rewrite_sender(rewritten, composition) == rewritten
    assert rewrite_sender("", composition) == ""


@given(ATOM | QUOTED)
def test_what_the_server_takes_as_a_sender_it_takes_rewritten(local_part: str) -> None:
    sender = f"{local_part}@example.com"
    if parse_mail_argument(f"FROM:<{sender}>") == PathArgument(sender):
        rewritten = rewrite_sender(sender, pro(True, "return.example.com"))
        assert parse_mail_argument(f"FROM:<{rewritten}>") == PathArgument(rewritten)
