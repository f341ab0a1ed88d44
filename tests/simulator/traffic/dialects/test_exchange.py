"""Exchange Server: NDRs."""

from collections.abc import Callable
from email.message import EmailMessage

from simulator.traffic.mail import Mail

Bounce = Callable[..., Mail]
Parse = Callable[[Mail], EmailMessage]
Report = Callable[[Mail], list[dict[str, str]]]
Text = Callable[[Mail], str]


def test_the_notice_is_in_the_senders_language(bounce: Bounce, text_of: Text) -> None:
    assert text_of(bounce("exchange/unknown-user")).startswith("Delivery has failed to these recipients or groups:")
    assert text_of(bounce("exchange/unknown-user-ja")).startswith("次の受信者またはグループへの配信に失敗しました:")
    assert text_of(bounce("exchange/unknown-user-de")).startswith(
        "Fehler bei der Nachrichtenzustellung an folgende Empfänger"
    )
    assert text_of(bounce("exchange/unknown-user-fr")).startswith("Échec de la remise à ces destinataires")


def test_the_diagnostic_part_stays_english(bounce: Bounce, text_of: Text, report_of: Report) -> None:
    mail = bounce("exchange/unknown-user-ja")
    assert "\n#550 5.1.1 RESOLVER.ADR.RecipNotFound; not found ##\n" in text_of(mail)
    assert report_of(mail)[1]["diagnostic-code"] == "smtp;550 5.1.1 RESOLVER.ADR.RecipNotFound; not found"


def test_japanese_is_iso_2022_jp_in_seven_bits(bounce: Bounce, parse: Parse) -> None:
    part = next(
        part for part in parse(bounce("exchange/over-quota-ja")).walk() if part.get_content_type() == "text/plain"
    )
    assert (part.get_content_charset(), part["Content-Transfer-Encoding"]) == ("iso-2022-jp", "7bit")


def test_the_subject_is_the_failed_mails_with_a_word_before(bounce: Bounce, parse: Parse) -> None:
    assert parse(bounce("exchange/unknown-user-de", subject="請求書"))["Subject"] == "Unzustellbar: 請求書"


def test_a_delay_has_no_diagnostics_for_people(bounce: Bounce, text_of: Text, report_of: Report) -> None:
    mail = bounce("exchange/delayed")
    assert "Diagnostic information" not in text_of(mail)
    assert report_of(mail)[1]["action"] == "delayed"
