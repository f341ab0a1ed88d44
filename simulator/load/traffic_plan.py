"""One declaration of everything a load may be told, shared by the command line and the scenario files."""

import random
from dataclasses import dataclass, fields, replace
from typing import Any

from simulator.load.client import check_target
from simulator.load.runner import Load, Plan
from simulator.load.shape import Shape, make_shape
from simulator.load.source import MakeMail, Pool, make_plain, make_pool, parse_sizes
from simulator.traffic.mail import Mail


class BadTraffic(ValueError):
    """An option that does not exist or cannot be; the text says which and what is allowed."""


@dataclass(frozen=True)
class Traffic:
    """What to send and how. Defaults: one plain mail over one session, at once.

    mail: plain, form or bounce. to: envelope recipients; the first is the form's or the bounce's return address.
    sender: MAIL FROM, "" for null, None for the mail's own. header_from: customer of a form, sender of the failed mail.
    size: "2k" or "1k-10k"; declare_size: true, or a number that is declared instead. rate without a count or seconds is
    an error. shape: constant, ramp, burst, wave (with peak, period, lasting). mails_per_session 0: no limit.
    """

    mail: str = "plain"
    to: tuple[str, ...] = ("info@mailform.example.com",)
    sender: str | None = None
    header_from: str | None = None
    subject: str | None = None
    text: str | None = None
    charset: str = "utf-8"
    html: bool = False
    half_width: bool = False
    attachments: tuple[str, ...] = ()
    file_names: str = "rfc2231"
    tag: str = ""
    spam: str | None = None
    kind: str = "postfix/unknown-user"
    size: str | None = None
    declare_size: int | bool = False
    sessions: int = 1
    count: int | None = None
    seconds: float | None = None
    rate: float | None = None
    shape: str = "constant"
    peak: float = 0.0
    period: float = 10.0
    lasting: float = 1.0
    mails_per_session: int = 0
    patience: float = 30.0
    seed: int = 1


TRAFFIC_OPTIONS = frozenset(field.name for field in fields(Traffic))


def make_traffic(options: dict[str, Any]) -> Traffic:
    """Read options (lists become tuples, a single ``to`` is welcome). Raises BadTraffic."""
    unknown = sorted(set(options) - TRAFFIC_OPTIONS)
    if unknown:
        raise BadTraffic(f"no option {', '.join(unknown)}; there are {', '.join(sorted(TRAFFIC_OPTIONS))}")
    read: dict[str, Any] = {name: tuple(value) if isinstance(value, list) else value for name, value in options.items()}
    if read.get("mail") == "bounce":
        read.setdefault("to", "bounce@return.example.com")
    if isinstance(read.get("to"), str):
        read["to"] = (read["to"],)
    traffic = Traffic(**read)
    if traffic.count is None and traffic.seconds is None:
        traffic = replace(traffic, count=1)
    if traffic.sessions < 1 or (traffic.count or 1) < 1:
        raise BadTraffic("sessions and count are at least 1")
    return traffic


def make_load(traffic: Traffic, host: str, port: int, allow_remote: bool = False) -> tuple[Load, Pool]:
    """Make everything ready; nothing is sent yet. Raises BadTraffic, BadShape, BadSize, RemoteTarget."""
    check_target(host, allow_remote)
    sizes = parse_sizes(traffic.size) if traffic.size else None
    maker = choose_maker(traffic)
    pool = make_pool(maker, random.Random(traffic.seed), traffic.count, sizes, traffic.declare_size)
    plan = Plan(
        host,
        port,
        traffic.sessions,
        traffic.count,
        traffic.seconds,
        choose_shape(traffic),
        traffic.mails_per_session,
        patience=traffic.patience,
    )
    return Load(plan, pool), pool


def choose_shape(traffic: Traffic) -> Shape | None:
    """The shape, None for as fast as the receiver takes them."""
    if traffic.rate is None:
        if traffic.shape != "constant":
            raise BadTraffic(f"shape {traffic.shape} needs a rate")
        return None
    return make_shape(traffic.shape, traffic.rate, traffic.peak, traffic.period, traffic.lasting)


def choose_maker(traffic: Traffic) -> MakeMail:
    """What makes the mails. Raises BadTraffic for a kind that does not exist."""
    makers = {"plain": _plain_maker, "form": _form_maker, "bounce": _bounce_maker}
    if traffic.mail not in makers:
        raise BadTraffic(f"no mail {traffic.mail!r}; there are {', '.join(makers)}")
    make = makers[traffic.mail](traffic)

    def make_addressed(rng: random.Random, size: int | None) -> Mail:
        try:
            mail = make(rng, size)
        except (ValueError, LookupError) as fault:
            raise BadTraffic(str(fault)) from fault
        sender = mail.sender if traffic.sender is None else traffic.sender
        return Mail(sender, traffic.to, mail.octets)

    return make_addressed


def _plain_maker(traffic: Traffic) -> MakeMail:
    return make_plain(traffic.header_from or "load@customer.example", traffic.to)


def _form_maker(traffic: Traffic) -> MakeMail:
    from simulator.traffic.forms import FormOptions, make_form

    options = FormOptions(
        to=traffic.to[0],
        tag=traffic.tag,
        customer=traffic.header_from,
        subject=traffic.subject,
        text=traffic.text,
        charset=traffic.charset,  # type: ignore[arg-type]
        half_width=traffic.half_width,
        html=traffic.html,
        attachments=traffic.attachments,  # type: ignore[arg-type]
        file_names=traffic.file_names,  # type: ignore[arg-type]
        spam=traffic.spam,  # type: ignore[arg-type]
    )
    return lambda rng, size: make_form(rng, replace(options, size=size))


def _bounce_maker(traffic: Traffic) -> MakeMail:
    from simulator.traffic.bounces import BounceOptions, make_bounce

    options = BounceOptions(return_address=traffic.to[0], subject=traffic.subject)
    if traffic.header_from:
        options = replace(options, header_from=traffic.header_from)
    return lambda rng, size: make_bounce(rng, traffic.kind, replace(options, size=size))
