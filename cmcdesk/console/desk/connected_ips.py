"""接続IP設定: the addresses that may connect, each to the console, to the transaction API, to the send API: page and
API, and the check itself.

As at CMC none registered lets everybody in, and once there is one, only those that are registered, each where it is
ticked. So that nobody shuts himself out, ours: this computer always reaches the console; 127.0.0.1 comes with the first
address, with all its ticks, and goes last; what would shut out the address that asks for it is refused.
"""

from collections.abc import Sequence
from typing import Literal

from flask import Blueprint, Flask, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict, Field
from sqlalchemy import Engine

from cmcdesk.console.frame.api_errors import refuse_missing, refuse_told
from cmcdesk.console.frame.api_part import ApiPart
from cmcdesk.console.frame.api_shapes import Errors, Shape
from cmcdesk.console.frame.current import current_services
from cmcdesk.console.frame.database import load_desk_setting
from cmcdesk.console.frame.guard import CMC_BLUEPRINT
from cmcdesk.console.frame.trouble import AddressRefused, Refused, Told
from cmcdesk.rules.settings.values import read_ip
from cmcdesk.store.desk.audit import note_operation
from cmcdesk.store.desk.database import transaction
from cmcdesk.store.desk.models import DeskSettingRow

SETTING = "connected_ips"
LOOPBACK = "127.0.0.1"
MOST = 100
IpTarget = Literal["console", "transaction", "sending"]
TARGETS: tuple[IpTarget, ...] = ("console", "transaction", "sending")


class ConnectedIp(BaseModel):
    """One registered address, and where it gets in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    address: str
    console: bool = True
    transaction: bool = True
    sending: bool = True


def load_ips(engine: Engine) -> list[ConnectedIp]:
    """All, in the order in which they were registered."""
    return [ConnectedIp.model_validate(each) for each in load_desk_setting(engine, SETTING).get("addresses", ())]


def is_let_in(registered: Sequence[ConnectedIp], peer: str | None, target: IpTarget) -> bool:
    """Whether an address gets in there."""
    if not registered:
        return True
    address = read_ip(peer or "")
    if target == "console" and address is not None and address.is_loopback:
        return True
    return any(each.address == str(address) and getattr(each, target) for each in registered)


def install_connected_ips(app: Flask) -> None:
    """Hold requests for the console against the list; CMC's own API asks for itself. Of this computer none is asked."""

    @app.before_request
    def check_registered_ip() -> None:
        peer = read_ip(request.remote_addr or "")
        if request.blueprint == CMC_BLUEPRINT or (peer is not None and peer.is_loopback):
            return
        if not is_let_in(load_ips(current_services().engine), request.remote_addr, "console"):
            raise AddressRefused(request.remote_addr or "")


def put_ip(wanted: ConnectedIp) -> ConnectedIp:
    """Register an address, or change where it gets in. Raises Refused."""
    address = read_ip(wanted.address)
    if address is None:
        raise Refused([Told("address", wanted.address[:100], _("Give one IP address; networks are not taken."))])
    put = wanted.model_copy(update={"address": str(address)})
    registered = load_ips(current_services().engine)
    if not registered and put.address != LOOPBACK:
        registered = [ConnectedIp(address=LOOPBACK)]
    changed = [put if each.address == put.address else each for each in registered]
    changed += [] if put in changed else [put]
    if len(changed) > MOST:
        raise Refused([Told("address", put.address, _("No more than %(most)s addresses.", most=MOST))])
    _keep(changed, put.address)
    return put


def remove_ip(address: str) -> bool:
    """False: it is not registered. Raises Refused."""
    registered = load_ips(current_services().engine)
    kept = [each for each in registered if each.address != str(read_ip(address))]
    if len(kept) == len(registered):
        return False
    if kept and str(read_ip(address)) == LOOPBACK:
        raise Refused([Told("address", LOOPBACK, _("127.0.0.1 goes last: remove the other addresses first."))])
    _keep(kept, str(read_ip(address)))
    return True


def _keep(changed: list[ConnectedIp], address: str) -> None:
    """Save the list, unless that shuts out who asks for it."""
    if not is_let_in(changed, request.remote_addr, "console"):
        told = _("This would shut out the address that you use now, %(peer)s.", peer=request.remote_addr)
        raise Refused([Told("address", address, told)])
    with transaction(current_services().engine) as session:
        session.merge(DeskSettingRow(key=SETTING, value={"addresses": [each.model_dump() for each in changed]}))
        ticks = next((each.model_dump(exclude={"address"}) for each in changed if each.address == address), None)
        detail = ", ".join(target for target, is_in in (ticks or {}).items() if is_in)
        note_operation(session, "connected_ip", "remove" if ticks is None else "save", address, detail)


connected_ips = ApiPart("api_connected_ips", __name__, "connected IPs")


class IpPath(Shape):
    """A registered address."""

    address: str


class IpTicks(Shape):
    """Where an address gets in."""

    console: bool = Field(True, description="this computer always does")
    transaction: bool = Field(True, description="/transaction/…")
    sending: bool = Field(True, description="/api/v2/emails/…")


class IpShape(IpTicks):
    """One registered address."""

    address: str


class IpList(Shape):
    """All that are registered; none: everybody gets in."""

    connected_ips: list[IpShape]


@connected_ips.get("/connected-ips", responses={200: IpList})
def list_all_ips() -> IpList:
    """List the addresses that may connect."""
    found = load_ips(current_services().engine)
    return IpList(connected_ips=[IpShape(**each.model_dump()) for each in found])


@connected_ips.put("/connected-ips/<address>", responses={200: IpShape, 422: Errors})
def put_one_ip(path: IpPath, body: IpTicks) -> IpShape:
    """Register an address, or change where it gets in; at once. With the first one 127.0.0.1 is registered too."""
    try:
        put = put_ip(ConnectedIp(address=path.address, **dict(body)))
    except Refused as refused:
        refuse_told(422, refused.errors)
    return IpShape(**put.model_dump())


@connected_ips.delete("/connected-ips/<address>", responses={204: None, 404: Errors, 409: Errors})
def remove_one_ip(path: IpPath) -> tuple[str, int]:
    """Remove one; 127.0.0.1 as the last."""
    try:
        if not remove_ip(path.address):
            refuse_missing("address", path.address)
    except Refused as refused:
        refuse_told(409, refused.errors)
    return "", 204


connected_ips_page = Blueprint("connected_ips_page", __name__)


@connected_ips_page.get("/account/connected-ips")
def show_ips() -> str:
    """The list; `address`: whose ticks the form begins with."""
    asked = request.args.get("address", "")
    return _render_ips(next((each for each in load_ips(current_services().engine) if each.address == asked), None))


@connected_ips_page.post("/account/connected-ips")
def put_from_page() -> ResponseReturnValue:
    """Register one, or change its ticks."""
    ticks = {target: target in request.form for target in TARGETS}
    given = ConnectedIp(address=request.form.get("address", "").strip(), **ticks)
    try:
        put_ip(given)
    except Refused as refused:
        return _render_ips(given, refused.errors), 422
    flash(_("Saved. It holds from the next request on."), "success")
    return redirect(url_for("connected_ips_page.show_ips"), 303)


@connected_ips_page.post("/account/connected-ips/<address>/remove")
def remove_ip_from_page(address: str) -> ResponseReturnValue:
    """Remove one."""
    try:
        if not remove_ip(address):
            abort(404)
    except Refused as refused:
        return _render_ips(None, refused.errors), 422
    flash(_("Removed."), "success")
    return redirect(url_for("connected_ips_page.show_ips"), 303)


def _render_ips(given: ConnectedIp | None = None, errors: Sequence[Told] = ()) -> str:
    labels = {"console": _("Console"), "transaction": _("Console API (transaction API)")}
    return render_template(
        "desk/connected_ips.html",
        registered=load_ips(current_services().engine),
        given=given or ConnectedIp(address=""),
        errors=errors,
        targets=labels | {"sending": _("Mail server API (send API)")},
        peer=request.remote_addr,
    )
