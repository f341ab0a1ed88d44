"""The manual's steps for a bounce or inbound domain, as a checklist: what is, what should be, what mends it. Pure.

Bounces (manual, 独自ドメインを使う): MX record, acceptable domain, Envelope From. Inbound (インバウンドを受信する): MX
record, acceptable domain, webhook. And 設定反映, without which what is saved has no effect.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Literal

from cmcdesk.rules.texts import N_, Text, same, tell

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


STEP_TITLES: dict[StepName, str] = {
    "mx": N_("STEP 2: MX record"),
    "lowest": N_("Preference of the MX"),
    "address": N_("Address of the SMTP host"),
    "receiving": N_("Receiving server"),
    "allowed": N_("STEP 3: acceptable domain"),
    "envelope": N_("STEP 4: Envelope From"),
    "filter": N_("STEP 4: conditions of a notification"),
    "endpoint": N_("Endpoint"),
}
REFLECT = N_("Reflect the settings, in the list of server compositions.")


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
    expected = same(f"{facts.domain} MX 10 {facts.smtp_host}")
    mend = tell(
        "Enter %(smtp_host)s as an MX record of %(domain)s in its DNS.", smtp_host=facts.smtp_host, domain=facts.domain
    )
    if facts.mx is None:
        yield DomainStep("mx", "unknown", tell("No DNS was asked."), expected, same(""))
        return
    found = ", ".join(f"{preference} {host}" for preference, host in facts.mx.listed)
    at = next((preference for preference, host in facts.mx.listed if host == facts.smtp_host), None)
    if at is None:
        yield DomainStep("mx", "bad", _tell_no_mx(facts.mx, found), expected, mend)
        return
    yield DomainStep("mx", "good", same(found), expected, same(""))
    if at > facts.mx.listed[0][0]:
        first = facts.mx.listed[0][1]
        yield DomainStep(
            "lowest",
            "bad",
            tell("%(first)s is tried before it (%(found)s).", first=first, found=found),
            tell("%(smtp_host)s has the lowest number", smtp_host=facts.smtp_host),
            tell(
                "Remove the MX %(first)s, or give %(smtp_host)s a lower number.", first=first, smtp_host=facts.smtp_host
            ),
        )
    if facts.mx.address is not None:
        yield _check_address(facts, facts.mx.address)


def _tell_no_mx(mx: MxAnswer, found: str) -> Text:
    if found:
        return tell("only other hosts: %(found)s", found=found)
    return {
        "NXDOMAIN": tell("there is no such name (NXDOMAIN)"),
        "NOERROR": tell("there is no MX record"),
        "TIMEOUT": tell("the DNS does not answer (time-out)"),
    }.get(mx.code, tell("the DNS answered %(code)s", code=mx.code))


def _check_address(facts: DomainFacts, leads_to: str) -> DomainStep:
    host = facts.smtp_host
    server = same(facts.receiving) if facts.receiving else tell("the receiving server")
    expected = tell("port 25 of %(host)s → %(server)s", host=host, server=server)
    if not leads_to:
        mend = tell("See whether the receiving server runs.")
        return DomainStep("address", "bad", tell("it has no address"), expected, mend)
    grade: Grade = "good" if leads_to == facts.receiving else "bad"
    mend = same("") if grade == "good" else tell("Remove the A record of %(host)s from the DNS.", host=host)
    return DomainStep("address", grade, same(leads_to), expected, mend)


def _check_receiving(facts: DomainFacts) -> DomainStep:
    expected = tell("it listens")
    if facts.receiving:
        return DomainStep("receiving", "good", same(facts.receiving), expected, same(""))
    mend = tell(REFLECT) if facts.live is None else tell("The list of server compositions says why.")
    return DomainStep("receiving", "bad", tell("it does not receive"), expected, mend)


def _check_allowed(facts: DomainFacts) -> DomainStep:
    key, tab = ("bounce_domains", tell("Bounce")) if facts.use == "bounce" else ("inbound_domains", tell("Inbound"))
    is_saved = facts.domain in facts.draft["receiving"][key]
    is_live = facts.live is not None and facts.domain in facts.live["receiving"][key]
    expected = tell("on the tab %(tab)s, and reflected", tab=tab)
    if is_live and is_saved:
        return DomainStep("allowed", "good", tell("entered and reflected"), expected, same(""))
    if is_saved:
        found = tell("saved, but not reflected yet")
        return DomainStep("allowed", "bad", found, expected, tell(REFLECT))
    if is_live:
        found = tell("live still, but gone from what is saved")
        return DomainStep("allowed", "note", found, expected, same(""))
    mend = tell(
        "Enter %(domain)s on the tab %(tab)s of the acceptable domains, and reflect that.", domain=facts.domain, tab=tab
    )
    return DomainStep("allowed", "bad", tell("it is not entered"), expected, mend)


def _check_envelope(facts: DomainFacts) -> DomainStep:
    live, draft = _rewritten_to(facts.live or {}), _rewritten_to(facts.draft)
    expected = tell("rewritten to %(domain)s", domain=facts.domain)
    if live == facts.domain:
        return DomainStep("envelope", "good", tell("rewritten to %(domain)s", domain=live), expected, same(""))
    if draft == facts.domain:
        found = tell("saved, but not reflected yet")
        return DomainStep("envelope", "bad", found, expected, tell(REFLECT))
    mend = tell(
        "Rewrite the Envelope From to %(domain)s, and the bounces of what is sent come here.", domain=facts.domain
    )
    if live:
        found = tell("rewritten to %(domain)s", domain=live)
    else:
        found = tell("not rewritten: bounces go to the sender's own domain")
    return DomainStep("envelope", "note", found, expected, mend)


def _check_webhook(facts: DomainFacts) -> Iterator[DomainStep]:
    tried = tell("a notification that matches %(tried)s", tried=facts.tried)
    if not facts.matching:
        count = len((facts.live or {}).get("inbound_webhook", ()))
        found = tell("no live notification matches %(tried)s; live: %(count)s", count=count, tried=facts.tried)
        mend = tell(
            "Add a notification with the header To and a pattern of the address (Webhook, Inbound), and reflect it."
        )
        yield DomainStep("filter", "bad", found, tried, mend)
        return
    names = ", ".join(facts.matching)
    yield DomainStep("filter", "good", same(names), tried, same(""))
    for answer in facts.endpoints or ():
        where = tell("%(filter)s: %(endpoint)s takes connections", filter=answer.filter, endpoint=answer.endpoint)
        if answer.fault is None:
            yield DomainStep("endpoint", "good", tell("something answers"), where, same(""))
            continue
        mend = tell("Start the program at that address, or correct the endpoint URL.")
        yield DomainStep("endpoint", "bad", answer.fault, where, mend)


def _rewritten_to(settings: Mapping[str, Any]) -> str:
    """The domain that the Envelope From gets, "" where it is not rewritten."""
    envelope = settings.get("advanced", {}).get("envelope_from", {})
    return str(envelope.get("domain", "")) if envelope.get("rewrite") else ""
