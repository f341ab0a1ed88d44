"""The journey of a mail in words: application → relay → rewritten sender → DNS → destination → refusal or DSN → MX →
receiving server → bounce → event webhook and API. Texts are in the language of the request."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from flask import url_for
from flask_babel import gettext as _

from cmcdesk.console.bounces.error_status import name_status
from cmcdesk.console.frame.language import pick_text, write_instant
from cmcdesk.console.journey.tracing import Homecoming, MailTrace, OutboundTrail, Sending
from cmcdesk.rules.policy import domain_of
from cmcdesk.rules.suppression import RCPT, SUPPRESSED
from cmcdesk.store.desk.bounces import shown_status
from cmcdesk.store.desk.models import DeliveryRow, OutboundAttemptRow
from cmcdesk.store.desk.outbound_events import CANCELLED
from cmcdesk.store.maillog.log import MailRow

StationState = Literal["done", "waiting", "broken"]
StationName = Literal[
    "application", "relay", "sender", "dns", "destination", "report", "dsn", "mx", "receiving", "bounce", "event",
    "webhook", "api", "suppression",
]  # fmt: skip
DNS_COMMAND = "DNS"  # of a try that found no mail server to ask


@dataclass(frozen=True)
class Station:
    """One stop. at: unix seconds, None where nothing happened yet; lines: tries and replies, the first first; link: a
    page that says more, "" for none."""

    name: StationName
    at: float | None
    state: StationState
    detail: str
    lines: tuple[str, ...] = ()
    link: str = ""


@dataclass(frozen=True)
class JourneyBranch:
    """What is one recipient's own. remark: what should be said of how it ended, "" for nothing."""

    recipient: str
    stations: tuple[Station, ...]
    remark: str = ""

    @property
    def is_over(self) -> bool:
        """Whether nothing waits any more."""
        return all(station.state != "waiting" for station in self.stations)


@dataclass(frozen=True)
class Journey:
    """trunk: what all recipients share. left_out: recipients that are not drawn."""

    mail: MailRow
    trunk: tuple[Station, ...]
    branches: tuple[JourneyBranch, ...]
    left_out: int = 0

    @property
    def is_over(self) -> bool:
        """Whether nothing waits any more."""
        return all(branch.is_over for branch in self.branches)

    def list_all(self) -> Iterator[tuple[str, Station]]:
        """(recipient, station) in the order of the way; the recipient is "" on the trunk."""
        yield from (("", station) for station in self.trunk)
        yield from ((branch.recipient, station) for branch in self.branches for station in branch.stations)


def tell_journey(trace: MailTrace, own: frozenset[str]) -> Journey:
    """The stations of what was traced. own: names and addresses of the receiving servers of this console: a bounce that
    another server takes has not come home."""
    if trace.trails:
        branches = tuple(_tell_trail(trail, own) for trail in trace.trails)
        return Journey(trace.mail, tuple(_tell_trunk(trace)), branches, trace.total - len(trace.trails))
    is_relayed = any(each.route not in ("bounce", "inbound") for each in trace.mail.recipients)
    if is_relayed:
        return Journey(trace.mail, (*_tell_relay(trace.mail), _wait("destination", _("Not queued yet."))), ())
    return Journey(trace.mail, tuple(_tell_received(trace)), ())


def _wait(name: StationName, detail: str) -> Station:
    return Station(name, None, "waiting", detail)


def _tell_relay(mail: MailRow) -> Iterator[Station]:
    sender = mail.sender or "<>"
    yield Station(
        "application", mail.received_at, "done", _("%(peer)s sends from %(sender)s.", peer=mail.peer, sender=sender)
    )
    told = _("The relay server of %(name)s took it with 250.", name=mail.composition)
    yield Station("relay", mail.received_at, "done", told, (), url_for("mail.show_mail", mail_id=mail.id))


def _tell_trunk(trace: MailTrace) -> Iterator[Station]:
    yield from _tell_relay(trace.mail)
    before, after = trace.mail.sender, trace.trails[0].sending.row.sender
    if before == after:
        told = _("The Envelope From stays %(sender)s.", sender=before or "<>")
    else:
        told = _("%(before)s becomes %(after)s.", before=before, after=after)
    place = url_for("settings.show_advanced", name=trace.mail.composition)
    yield Station("sender", trace.trails[0].sending.row.queued_at, "done", told, (), place)


def _tell_trail(trail: OutboundTrail, own: frozenset[str]) -> JourneyBranch:
    row = trail.sending.row
    stations = [*_tell_sending(trail.sending, "dns", "destination")]
    remark = ""
    if row.state == "failed" and row.text != CANCELLED:
        stations += [_end_elsewhere(one, trail, own) for one in _tell_failure(trail)]
    elif row.state == "succeeded":
        stations += list(_tell_later(trail, own))
        if trail.homecomings:
            remark = _(
                "Succeeded, and bounced later: the destination took the mail and returned it afterwards. The delivery"
                " log says succeeded, the error log has the bounce. Both are right."
            )
        elif not trail.returned:
            remark = _("Delivered. A destination may still return it later.")
    if any(home.mail for home in trail.homecomings):  # whose own station says more
        stations = [one for one in stations if (one.name, one.state) != ("receiving", "done")]
    for home in trail.homecomings:
        stations += list(_tell_homecoming(home))
    return JourneyBranch(row.recipient, tuple(stations), remark)


def _tell_sending(sending: Sending, look_up: StationName, arrive: StationName) -> Iterator[Station]:
    """How one row goes out: the MX that was found, and who was asked with which reply."""
    row, last = sending.row, sending.tries[-1] if sending.tries else None
    if row.text == CANCELLED and row.state == "failed":
        yield Station(arrive if last else look_up, row.ended_at, "broken", _("Cancelled in the queue. Nobody is told."))
        return
    if row.error_status == SUPPRESSED and last and not last.host:
        yield _tell_suppressed(sending)
        return
    if last is None:
        yield _wait(look_up, _("The MX of %(domain)s is looked up next.", domain=row.domain))
        return
    is_lost = last.command == DNS_COMMAND
    state: StationState = "broken" if row.state == "failed" else "waiting" if row.state != "succeeded" else "done"
    lines = tuple(_tell_try(each) for each in sending.tries)
    if is_lost:
        told = _("No mail server was found for %(domain)s: %(why)s", domain=row.domain, why=last.text)
        yield Station(look_up, last.at, state, told, lines, url_for("dns_page.show_dns", name=row.domain, kind="MX"))
        return
    told = _(
        "%(domain)s leads to %(host)s (%(address)s).",
        domain=row.domain,
        host=last.host or "–",
        address=last.address or "–",
    )
    place = url_for("dns_page.show_dns", name=row.domain, kind="MX")
    yield Station(look_up, sending.tries[0].at, "done", told, (), place)
    if state == "waiting":
        told = _("Deferred, and the next try is due; tries so far: %(count)s", count=len(sending.tries))
    elif state == "done":
        told = _("%(host)s took it: %(reply)s", host=last.host, reply=_tell_reply(last))
    else:
        told = _("%(host)s refused it: %(reply)s", host=last.host or row.domain, reply=_tell_reply(last))
    yield Station(
        arrive, last.at, state, told, lines, "" if arrive == "receiving" else url_for("destinations.show_destinations")
    )


def _tell_suppressed(sending: Sending) -> Station:
    row, block = sending.row, sending.block
    told = _("No server was asked: %(recipient)s was suppressed.", recipient=row.recipient)
    if block is not None:
        why = f"{block.status} {pick_text(name_status(block.status))} × {block.occurred}"
        at = write_instant(block.created_at)
        told = _("No server was asked: %(to)s is suppressed since %(at)s (%(why)s).", to=row.recipient, at=at, why=why)
    place = url_for("suppression.show_list", composition=row.composition, email=row.recipient)
    return Station("suppression", row.ended_at, "broken", told, (f"{row.text} (in reply to {RCPT})",), place)


def _tell_failure(trail: OutboundTrail) -> Iterator[Station]:
    row = trail.sending.row
    if not row.sender:
        told = _("Nobody is told: it had the null sender, and a report is never reported on.")
        yield Station("report", row.ended_at, "broken", told)
        return
    if trail.report_at is None:
        yield _wait("report", _("The relay writes a report to %(sender)s.", sender=row.sender))
        return
    told = _("The relay wrote a report (RFC 3464) to %(sender)s.", sender=row.sender)
    yield Station("report", trail.report_at, "done", told)
    if trail.report:
        yield from _tell_sending(trail.report, "mx", "receiving")


def _end_elsewhere(station: Station, trail: OutboundTrail, own: frozenset[str]) -> Station:
    """A report that another server took has not come home."""
    host = trail.report.row.host if trail.report else ""
    if (station.name, station.state) != ("receiving", "done") or host in own:
        return station
    return replace(station, state="broken", detail=_tell_elsewhere(host))


def _tell_elsewhere(host: str) -> str:
    return str(_("%(host)s took it, which is no receiving server of this console: the bounce ends there.", host=host))


def _tell_later(trail: OutboundTrail, own: frozenset[str]) -> Iterator[Station]:
    """A destination that took the mail returns it: only the simulated world says how."""
    row, tries = trail.sending.row, trail.returned
    if not tries:
        return
    last = tries[-1]
    lines = tuple(f"{one['code'] or '–'} {one['said']}" for one in tries)
    told = _("%(host)s returns it to %(sender)s.", host=last["host"], sender=row.sender)
    yield Station("dsn", tries[0]["at"], "done", told)
    domain = domain_of(row.sender)
    place = url_for("dns_page.show_dns", name=domain, kind="MX")
    if last["code"] == 0:
        told = _("No mail server was found for %(domain)s: %(why)s", domain=domain, why=last["said"])
        yield Station("mx", last["at"], "broken" if last["ended"] else "waiting", told, lines, place)
        return
    yield Station("mx", tries[0]["at"], "done", _("The MX of %(domain)s is asked for.", domain=domain), (), place)
    taker = last["said"].rpartition(" ")[2]  # "taken at 127.0.0.1"
    if last["code"] == 250 and taker not in own:
        yield Station("receiving", last["at"], "broken", _tell_elsewhere(taker), lines)
        return
    state: StationState = "done" if last["code"] == 250 else "broken" if last["ended"] else "waiting"
    told = (
        _("The receiving server took the bounce.")
        if state == "done"
        else _("The server at the MX answered: %(reply)s", reply=f"{last['code']} {last['said']}")
    )
    yield Station(
        "receiving", last["at"], state, told, lines, "" if state == "done" else url_for("mails.show_refusals")
    )


def _tell_homecoming(home: Homecoming) -> Iterator[Station]:
    bounce = home.bounce
    if home.mail:
        told = _("Received as a bounce by %(name)s.", name=home.mail.composition)
        yield Station(
            "receiving", home.mail.received_at, "done", told, (), url_for("mail.show_mail", mail_id=home.mail.id)
        )
    name = pick_text(name_status(shown_status(bounce)))
    told = _("Error status %(status)s: %(evidence)s", status=name, evidence=bounce.evidence or bounce.diagnostic)
    yield Station(
        "bounce", bounce.created_at, "done", told, (), url_for("bounces.show_log", mail_id=bounce.mail_id, delays="yes")
    )
    for event in home.events:
        yield tell_delivery("event", event)
    told = _("Listed by the bounces API.")
    yield Station("api", bounce.created_at, "done", told, (), url_for("api_users_page.show_users"))


def tell_delivery(name: StationName, row: DeliveryRow) -> Station:
    """A webhook that tells of it."""
    states: dict[str, tuple[StationState, str]] = {
        "delivered": ("done", _("The webhook was called.")),
        "given_up": ("broken", _("The webhook was given up; tries: %(count)s", count=row.attempts)),
    }
    state, told = states.get(
        row.state, ("waiting", _("The webhook is called; tries so far: %(count)s", count=row.attempts))
    )
    is_shown = row.state != "gathering"
    link = url_for("webhook_log.show_delivery", delivery_id=row.id) if is_shown else ""
    return Station(name, row.finished_at or row.created_at, state, f"{row.filter}: {told}", (), link)


def _tell_received(trace: MailTrace) -> Iterator[Station]:
    mail = trace.mail
    sender = mail.sender or "<>"
    yield Station(
        "application", mail.received_at, "done", _("%(peer)s sends from %(sender)s.", peer=mail.peer, sender=sender)
    )
    told = _("The receiving server of %(name)s took it with 250.", name=mail.composition)
    yield Station("receiving", mail.received_at, "done", told, (), url_for("mail.show_mail", mail_id=mail.id))
    for home in trace.homecomings:
        yield from (one for one in _tell_homecoming(home) if one.name != "receiving")
    deliveries: Sequence[DeliveryRow] = trace.deliveries
    yield from (tell_delivery("webhook", each) for each in deliveries if each.kind == "inbound")
    if not deliveries and any(each.route == "inbound" for each in mail.recipients):
        told = _("No notification matched; no webhook is called.")
        link = url_for("mail.show_mail", mail_id=mail.id, part="filters")
        yield Station("webhook", mail.received_at, "broken", told, (), link)


def _tell_try(each: OutboundAttemptRow) -> str:
    where = f"{each.host} [{each.address}]" if each.address else each.host or DNS_COMMAND
    return f"{where}: {_tell_reply(each)}"


def _tell_reply(each: OutboundAttemptRow) -> str:
    """The reply as it came; without a code, why there was none."""
    return " ".join(str(part) for part in (each.code, each.enhanced, each.text) if part)
