"""Addresses are written as by Werkzeug's own rules, by builders that are compiled when they are needed."""

import pytest
from flask import Flask, url_for

from cmcdesk.console.frame.late_rule import LateRule


def make_app(rule_class: type) -> Flask:
    app: Flask = type("App", (Flask,), {"url_rule_class": rule_class})(__name__)
    app.add_url_rule("/mails/<int:mail_id>", "mail", lambda mail_id: str(mail_id))
    app.add_url_rule("/mails", "mails", lambda: "", defaults={"page": 1})
    return app


def write_addresses(app: Flask) -> list[str]:
    with app.test_request_context("/"):
        return [
            url_for("mail", mail_id=7),
            url_for("mail", mail_id=7, part="a b", _anchor="x"),
            url_for("mails"),
            url_for("mails", search="é"),
        ]


def test_addresses_are_those_of_the_usual_rules() -> None:
    assert write_addresses(make_app(LateRule)) == write_addresses(make_app(Flask.url_rule_class))
    assert make_app(LateRule).test_client().get("/mails/7").text == "7"


def test_nothing_is_compiled_until_an_address_is_written(monkeypatch: pytest.MonkeyPatch) -> None:
    compiled = []

    def see(*args: object, **options: object) -> object:
        compiled.append(args)
        return compile(*args, **options)  # type: ignore[call-overload]

    monkeypatch.setattr("werkzeug.routing.rules.compile", see, raising=False)
    app = make_app(LateRule)
    app.url_map.update()
    assert not compiled
    write_addresses(app)
    write_addresses(app)
    assert 0 < len(compiled) <= 4, "each builder at most once"
