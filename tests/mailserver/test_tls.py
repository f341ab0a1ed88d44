"""Which certificate a listener shows."""

from pathlib import Path

from cmcdesk.mailserver.tls import Tls
from cmcdesk.rules.settings import check_composition


def test_without_a_switch_no_authority_is_made(tmp_path: Path) -> None:
    Tls(tmp_path).certify(check_composition({"name": "pro"}), "127.0.0.1")
    assert list(tmp_path.iterdir()) == [], "before one is asked for"


def test_an_apply_does_not_change_the_certificate_but_another_address_does(tmp_path: Path) -> None:
    composition = check_composition({"name": "pro", "security": {"starttls": "offered"}})
    tls = Tls(tmp_path)
    first = tls.certify(composition, "127.0.0.1")()
    assert first is tls.certify(composition, "127.0.0.1")()
    assert first is not tls.certify(composition, "127.0.0.2")()
