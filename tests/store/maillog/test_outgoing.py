from pathlib import Path

from cmcdesk.store.maillog.insertion import MailLogWriter, NewMail
from cmcdesk.store.maillog.log import MailLog
from cmcdesk.store.maillog.outgoing import ANY_ROUTE, RELAYED, list_outgoing


def test_mails_are_listed_by_route_in_their_order(tmp_path: Path) -> None:
    path = tmp_path / "mail.db"
    writer = MailLogWriter(path)
    for routes in (4, 1, 2, 6):
        mail = NewMail(1.0, "pro", 1, 1, "127.0.0.1", "s@x", '[["a@x", "relay"]]', routes, "", "", "", b"x")
        writer.append([mail], [])
    writer.close()
    with MailLog(path) as log:
        assert [(mail.id, routes) for mail, routes in list_outgoing(log, 0, 9, RELAYED, 10)] == [(1, 4), (4, 6)]
        assert [mail.id for mail, _ in list_outgoing(log, 1, 3, ANY_ROUTE, 10)] == [2, 3]
        assert [mail.id for mail, _ in list_outgoing(log, 0, 9, ANY_ROUTE, 2)] == [1, 2]
