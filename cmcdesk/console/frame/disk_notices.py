"""What every page says of the disk: that mails are not stored now, and which damaged files were set aside."""

from dataclasses import dataclass

from flask_babel import gettext as _

from cmcdesk.console.frame.current import current_services
from cmcdesk.processes.paths import desk_db, mail_db
from cmcdesk.store.maillog.renewal import list_aside


@dataclass(frozen=True)
class DiskNotice:
    """is_urgent: mails are being put off now."""

    what: str
    mend: str
    is_urgent: bool = False


def list_disk_notices() -> list[DiskNotice]:
    """In the language of the request; empty while all is well."""
    services = current_services()
    lost = services.telemetry().get("mail_server", {}).get("mail_log", {}).get("loss")
    notices = [_tell_loss()] if lost else []
    mend = _("Close cmcdesk and run cmcdesk doctor --repair: it saves what can be read.")
    for path in (mail_db(services.folder), desk_db(services.folder)):
        for aside in list_aside(path):
            what = _(
                "%(file)s could not be relied on and was set aside as %(aside)s.", file=path.name, aside=aside.name
            )
            notices.append(DiskNotice(what, mend))
    return notices


def _tell_loss() -> DiskNotice:
    return DiskNotice(
        _("Mails are not stored now: mail.db is gone, damaged or was replaced."),
        _("Senders are answered 451 and come again later. Give the data folder back, or see its log."),
        is_urgent=True,
    )
