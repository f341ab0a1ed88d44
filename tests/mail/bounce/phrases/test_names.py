"""Names are taken out of a text, words stay."""

import pytest

from cmcdesk.mail.bounce.phrases.names import hide_mailbox, hide_names


@pytest.mark.parametrize(
    "name",
    [
        "mx.ube-k.ac.example", "spam.example.jp", "a@b.example", "<迷惑メール@dest.example>", "https://spam.example/why?x=1",
        "invoice-virus.zip", "x.corp.intranet.localnet",
        "MX.SPAM.EXAMPLE", "o'neil@dest.example", "virus.exe",
    ],
)  # fmt: skip
def test_a_name_is_taken_out(name: str) -> None:
    assert hide_names(f"reason: {name} is no good").split() == ["reason:", "is", "no", "good"]


@pytest.mark.parametrize(
    "text",
    [
        "550 5.1.1 User unknown.Please check", "RESOLVER.ADR.RecipientNotFound; Recipient not found",
        "STOREDRV.Deliver.Exception:QuotaExceeded", "TRANSPORT.RULES.RejectMessage", "5.7.1 refused", "e.g. spam",
        "QUEUE.EXPIRED", "no names at all",
    ],
)  # fmt: skip
def test_words_stay(text: str) -> None:
    assert hide_names(text) == text


def test_a_host_is_known_by_its_address_behind_it() -> None:
    assert hide_names("host spamgate [192.0.2.1] said, blacklist[192.0.2.2]:").split()[1:3] == ["said,", "[192.0.2.2]:"]


def test_a_japanese_sentence_that_goes_on_behind_a_name_stays() -> None:
    assert hide_names("宛先user@dest.exampleは存在しません") == "宛先 は存在しません"
    assert hide_names("ドメインdest.example.jpが見つかりません") == "ドメイン が見つかりません"


@pytest.mark.parametrize(
    ("text", "left"),
    [
        ("User unknown: spam", "User unknown:"), ("unknown user 'spam'", "unknown user"),
        ("user spam unknown", "user unknown"),
        ("spam... User unknown", "... User unknown"), ("User unknown: spam (in reply)", "User unknown: (in reply)"),
        ("taken as spam", "taken as spam"), ("refused: spam found", "refused: spam found"),
        ("antispam: no", "antispam: no"),
    ],
)  # fmt: skip
def test_a_mailboxs_name_is_taken_out_where_a_name_stands(text: str, left: str) -> None:
    assert " ".join(hide_mailbox(text, "spam").split()) == left


@pytest.mark.parametrize("word", ["user", "mailbox", "unknown"])
def test_a_mailbox_named_by_a_common_word_costs_no_words(word: str) -> None:
    for text in ("no such user", "mailbox unknown", "x: user unknown", "unknown user"):
        assert hide_mailbox(text, word) == text
    assert hide_mailbox(f'unknown: "{word}"', word) == "unknown:  "
