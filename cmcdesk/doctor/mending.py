"""What `cmcdesk doctor --repair` does. Nothing is deleted but the index: what is replaced gets another name."""

import sqlite3
from contextlib import closing
from pathlib import Path

from cmcdesk.processes.paths import desk_db, mail_db, search_db
from cmcdesk.rules.texts import Text, both
from cmcdesk.store.desk import bounces, delivery_queue
from cmcdesk.store.desk.backups import restore
from cmcdesk.store.maillog.insertion import MailLogWriter
from cmcdesk.store.maillog.renewal import move_aside, name_aside
from cmcdesk.store.maillog.salvage import Trail, salvage
from cmcdesk.store.search import index_schema


def set_aside(folder: Path) -> Text:
    """Give a damaged mail.db another name, and put what can be read of it into a new one."""
    aside = name_aside(mail_db(folder))
    move_aside(mail_db(folder), aside)
    return salvage_aside(folder, aside)


def salvage_aside(folder: Path, aside: Path) -> Text:
    """Put the mails of a file that was set aside back; it is called `….salvaged` from then on."""
    writer = MailLogWriter(mail_db(folder))
    try:
        done = salvage(aside, writer, read_trail(folder))
    finally:
        writer.close()
    move_aside(aside, aside.with_name(f"{aside.name}.salvaged"))
    put_back, there, lost = done.kept + done.moved, done.there, done.unreadable
    return both(
        f"{aside.name}: {put_back} 通を戻しました。{there} 通はすでにあり、{lost} 通は読めませんでした。",
        f"{aside.name}: {put_back} mails were put back, {there} were there already, {lost} cannot be read.",
    )


def read_trail(folder: Path) -> Trail:
    """How far desk.db's followers of mail.db came; an empty one where that cannot be read."""
    try:
        with closing(sqlite3.connect(f"{desk_db(folder).absolute().as_uri()}?mode=ro", uri=True)) as connection:
            found = connection.execute("SELECT name, log_id, position FROM cursor").fetchall()
    except sqlite3.Error:
        return Trail()
    positions = {name: position for name, _log_id, position in found}
    log_ids = sorted({log_id for _name, log_id, _position in found})
    if len(log_ids) != 1:  # one of them has not begun with this log
        return Trail()
    return Trail(log_ids[0], positions.get(bounces.CURSOR, 0), positions.get(delivery_queue.CURSOR, 0))


def put_back_backup(folder: Path, backup: Path) -> Text:
    """Put the last sound backup in desk.db's place."""
    aside = restore(folder, backup)
    kept = keep(aside) if aside else both("", "")
    japanese, english = f"控え {backup.name} から戻しました。", f"The backup {backup.name} was put back."
    return both(japanese + kept["ja"], f"{english} {kept['en']}".strip())


def keep(aside: Path) -> Text:
    """Give what was set aside a name that nothing speaks of any more."""
    kept = aside.with_name(f"{aside.name}.kept")
    move_aside(aside, kept)
    return both(f"前のものは {kept.name} にあります。", f"What was there is {kept.name} now.")


def remove_index(folder: Path) -> Text:
    """The worker makes it again."""
    index_schema.remove(search_db(folder))
    return both("消しました。次の起動から作り直されます。", "It was removed, and is made anew after the next start.")
