"""The manual's steps for a bounce or inbound domain, as a checklist: what is, what should be, what mends it. Pure.

Bounces (manual, 独自ドメインを使う): MX record, acceptable domain, Envelope From. Inbound (インバウンドを受信する): MX
record, acceptable domain, webhook. And 設定反映, without which what is saved has no effect.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cmcdesk.rules.texts import Text, both

Use = Literal["bounce", "inbound"]
Grade = Literal["good", "bad", "note", "unknown"]
StepName = Literal["mx", "lowest", "address", "receiving", "allowed", "envelope", "filter", "endpoint"]


@dataclass(frozen=True)
class MxAnswer:
    """code: NOERROR, NXDOMAIN, SERVFAIL, TIMEOUT …; listed: (preference, host), the lowest first; address: where port
    25 of our SMTP host leads ("" where its name has no address), None where that was not asked."""

    code: str
    listed: tuple[tuple[int, str], ...] = ()
    address: str | None = None


@dataclass(frozen=True)
class EndpointAnswer:
    """One filter whose webhook was tried. fault: why nothing answers there, None where something does."""

    filter: str
    endpoint: str
    fault: Text | None = None


@dataclass(frozen=True)
class DomainFacts:
    """What was found out. draft, live: settings (live None: never reflected). receiving: "host:port", None where nobody
    listens. mx None: nobody could be asked. tried: the address that filters were tried with; matching: names of the
    live ones that match; endpoints: of those, None where they were not tried."""

    use: Use
    domain: str
    smtp_host: str
    draft: Mapping[str, Any]
    live: Mapping[str, Any] | None
    receiving: str | None
    mx: MxAnswer | None = None
    tried: str = ""
    matching: tuple[str, ...] = ()
    endpoints: tuple[EndpointAnswer, ...] | None = None


@dataclass(frozen=True)
class DomainStep:
    """One line of the checklist. grade "note": it may be meant so; "unknown": it could not be looked at. mend: "" where
    nothing is to be done."""

    name: StepName
    grade: Grade
    found: Text
    expected: Text
    mend: Text


NOTHING = both("", "")
STEP_TITLES: dict[StepName, Text] = {
    "mx": both("STEP2: MX レコード", "STEP 2: MX record"),
    "lowest": both("MX の優先度", "Preference of the MX"),
    "address": both("SMTPホストのアドレス", "Address of the SMTP host"),
    "receiving": both("受信サーバ", "Receiving server"),
    "allowed": both("STEP3: 受信許可ドメイン", "STEP 3: acceptable domain"),
    "envelope": both("STEP4: エンベロープFrom", "STEP 4: Envelope From"),
    "filter": both("STEP4: 受信通知の条件", "STEP 4: conditions of a notification"),
    "endpoint": both("エンドポイント", "Endpoint"),
}
REFLECT = both(
    "サーバ構成の一覧で「設定反映」を実行してください。", "Reflect the settings, in the list of server compositions."
)


def list_steps(facts: DomainFacts) -> list[DomainStep]:
    """The checklist of one domain, in the order in which the manual does it."""
    steps = [*_check_mx(facts), _check_receiving(facts), _check_allowed(facts)]
    return [*steps, *([_check_envelope(facts)] if facts.use == "bounce" else _check_webhook(facts))]


def worst(steps: list[DomainStep]) -> Grade:
    """The grade of a domain as a whole."""
    grades: tuple[Grade, ...] = ("bad", "unknown", "note")
    return next((grade for grade in grades if any(step.grade == grade for step in steps)), "good")


def list_domains(draft: Mapping[str, Any], live: Mapping[str, Any] | None) -> Iterator[tuple[Use, str]]:
    """(use, domain) of all domains of one composition, saved or live; an Envelope From's domain is one for bounces."""
    found: dict[tuple[Use, str], None] = {}
    for settings in (live or {}, draft):
        receiving = settings.get("receiving", {})
        found |= {("bounce", domain): None for domain in receiving.get("bounce_domains", ())}
        if domain := _rewritten_to(settings):
            found["bounce", domain] = None
        found |= {("inbound", domain): None for domain in receiving.get("inbound_domains", ())}
    yield from found


def _check_mx(facts: DomainFacts) -> Iterator[DomainStep]:
    expected = both(f"{facts.domain} MX 10 {facts.smtp_host}", f"{facts.domain} MX 10 {facts.smtp_host}")
    mend = both(
        f"{facts.domain} の DNS に、MX レコードとして {facts.smtp_host} を登録してください。",
        f"Enter {facts.smtp_host} as an MX record of {facts.domain} in its DNS.",
    )
    if facts.mx is None:
        yield DomainStep("mx", "unknown", both("DNS に問い合わせていません。", "No DNS was asked."), expected, NOTHING)
        return
    found = ", ".join(f"{preference} {host}" for preference, host in facts.mx.listed)
    at = next((preference for preference, host in facts.mx.listed if host == facts.smtp_host), None)
    if at is None:
        yield DomainStep("mx", "bad", _tell_no_mx(facts.mx, found), expected, mend)
        return
    yield DomainStep("mx", "good", both(found, found), expected, NOTHING)
    if at > facts.mx.listed[0][0]:
        first = facts.mx.listed[0][1]
        yield DomainStep(
            "lowest", "bad",
            both(f"{first} のほうが先に使われます（{found}）。", f"{first} is tried before it ({found})."),
            both(f"{facts.smtp_host} の値が最も小さい", f"{facts.smtp_host} has the lowest number"),
            both(f"{first} の MX を消すか、{facts.smtp_host} の値をそれより小さくしてください。",
                 f"Remove the MX {first}, or give {facts.smtp_host} a lower number."),
        )  # fmt: skip
    if facts.mx.address is not None:
        yield _check_address(facts, facts.mx.address)


def _tell_no_mx(mx: MxAnswer, found: str) -> Text:
    if found:
        return both(f"別のホストだけです: {found}", f"only other hosts: {found}")
    return {
        "NXDOMAIN": both("このドメイン名はありません（NXDOMAIN）。", "there is no such name (NXDOMAIN)"),
        "NOERROR": both("MX レコードがありません。", "there is no MX record"),
        "TIMEOUT": both("DNS が応答しません（時間切れ）。", "the DNS does not answer (time-out)"),
    }.get(mx.code, both(f"DNS がエラーを返しました（{mx.code}）。", f"the DNS answered {mx.code}"))


def _check_address(facts: DomainFacts, leads_to: str) -> DomainStep:
    host = facts.smtp_host
    expected = both(f"{host} の25番ポート → {facts.receiving or '受信サーバ'}",
                    f"port 25 of {host} → {facts.receiving or 'the receiving server'}")  # fmt: skip
    if not leads_to:
        mend = both("受信サーバが動いているかを確かめてください。", "See whether the receiving server runs.")
        return DomainStep("address", "bad", both("アドレスがありません。", "it has no address"), expected, mend)
    grade: Grade = "good" if leads_to == facts.receiving else "bad"
    mend = (
        NOTHING
        if grade == "good"
        else both(f"DNS から {host} の A レコードを消してください。", f"Remove the A record of {host} from the DNS.")
    )
    return DomainStep("address", grade, both(leads_to, leads_to), expected, mend)


def _check_receiving(facts: DomainFacts) -> DomainStep:
    expected = both("接続を待っている", "it listens")
    if facts.receiving:
        return DomainStep("receiving", "good", both(facts.receiving, facts.receiving), expected, NOTHING)
    mend = (
        REFLECT
        if facts.live is None
        else both("サーバ構成の一覧に理由があります。", "The list of server compositions says why.")
    )
    return DomainStep("receiving", "bad", both("受信していません。", "it does not receive"), expected, mend)


def _check_allowed(facts: DomainFacts) -> DomainStep:
    key, tab = (
        ("bounce_domains", both("バウンス", "Bounce"))
        if facts.use == "bounce"
        else ("inbound_domains", both("インバウンド", "Inbound"))
    )
    is_saved = facts.domain in facts.draft["receiving"][key]
    is_live = facts.live is not None and facts.domain in facts.live["receiving"][key]
    expected = both(f"「{tab['ja']}」タブにあり、反映されている", f"on the tab {tab['en']}, and reflected")
    if is_live and is_saved:
        return DomainStep("allowed", "good", both("登録済み、反映済み", "entered and reflected"), expected, NOTHING)
    if is_saved:
        found = both("保存されていますが、まだ反映されていません。", "saved, but not reflected yet")
        return DomainStep("allowed", "bad", found, expected, REFLECT)
    if is_live:
        found = both("今は有効ですが、保存した設定からは消えています。", "live still, but gone from what is saved")
        return DomainStep("allowed", "note", found, expected, NOTHING)
    mend = both(
        f"「受信サーバ設定」→受信許可ドメインの「{tab['ja']}」タブに {facts.domain} を入力し、反映してください。",
        f"Enter {facts.domain} on the tab {tab['en']} of the acceptable domains, and reflect that.",
    )
    return DomainStep("allowed", "bad", both("登録されていません。", "it is not entered"), expected, mend)


def _check_envelope(facts: DomainFacts) -> DomainStep:
    live, draft = _rewritten_to(facts.live or {}), _rewritten_to(facts.draft)
    expected = both(f"「書き換える」、{facts.domain}", f"rewritten to {facts.domain}")
    if live == facts.domain:
        return DomainStep("envelope", "good", both(f"{live} に書き換える", f"rewritten to {live}"), expected, NOTHING)
    if draft == facts.domain:
        found = both("保存されていますが、まだ反映されていません。", "saved, but not reflected yet")
        return DomainStep("envelope", "bad", found, expected, REFLECT)
    mend = both(
        f"「高度な設定」→「エンベロープFrom」で {facts.domain} に書き換える設定にすると、"
        "送信したメールのバウンスがここに届きます。",
        f"Rewrite the Envelope From to {facts.domain}, and the bounces of what is sent come here.",
    )
    if live:
        found = both(f"{live} に書き換えています。", f"rewritten to {live}")
    else:
        found = both("書き換えていません。差出人のドメインにバウンスが返ります。",
                     "not rewritten: bounces go to the sender's own domain")  # fmt: skip
    return DomainStep("envelope", "note", found, expected, mend)


def _check_webhook(facts: DomainFacts) -> Iterator[DomainStep]:
    tried = both(f"{facts.tried} に一致する受信通知", f"a notification that matches {facts.tried}")
    if not facts.matching:
        count = len((facts.live or {}).get("inbound_webhook", ()))
        found = both(f"有効な受信通知 {count} 件のどれも {facts.tried} に一致しません。",
                     f"none of {count} live notifications matches {facts.tried}")  # fmt: skip
        mend = both(
            "Webhook の Inbound で、ヘッダ名 To に宛先アドレスの正規表現を指定した受信通知を追加し、反映してください。",
            "Add a notification with the header To and a pattern of the address (Webhook, Inbound), and reflect it.",
        )
        yield DomainStep("filter", "bad", found, tried, mend)
        return
    names = ", ".join(facts.matching)
    yield DomainStep("filter", "good", both(names, names), tried, NOTHING)
    for answer in facts.endpoints or ():
        where = both(
            f"{answer.filter}: {answer.endpoint} が接続を受け付ける",
            f"{answer.filter}: {answer.endpoint} takes connections",
        )
        if answer.fault is None:
            yield DomainStep("endpoint", "good", both("応答があります", "something answers"), where, NOTHING)
            continue
        mend = both(
            "受け口のプログラムを起動するか、エンドポイントURLを直してください。",
            "Start the program at that address, or correct the endpoint URL.",
        )
        yield DomainStep("endpoint", "bad", answer.fault, where, mend)


def _rewritten_to(settings: Mapping[str, Any]) -> str:
    """The domain that the Envelope From gets, "" where it is not rewritten."""
    envelope = settings.get("advanced", {}).get("envelope_from", {})
    return str(envelope.get("domain", "")) if envelope.get("rewrite") else ""
