"""What a person is told of a database that cannot be used: what happened, and what mends it, in both languages."""

import errno
import sqlite3
from dataclasses import dataclass
from typing import Literal

from cmcdesk.rules.texts import Text, both
from cmcdesk.store.maillog.schema import NewerMailLog
from cmcdesk.store.sqlite_faults import is_damage, is_disk_full, is_locked, name_of

Kind = Literal["locked", "full", "read_only", "gone", "damaged", "newer", "path", "other"]


@dataclass(frozen=True)
class Fault:
    """what: happened; mend: what to do about it."""

    kind: Kind
    what: Text
    mend: Text


FAULTS = (
    Fault(
        "locked",
        both("データベースをほかのプログラムがロックしています。", "Another program keeps the database locked."),
        both(
            "そのプログラムを終了してから、もう一度お試しください。何も変更されていません。",
            "Close that program, then try again. Nothing was changed.",
        ),
    ),
    Fault(
        "full",
        both("ディスクに空きがありません。", "The disk is full."),
        both(
            "空きを作ってから、もう一度お試しください。保存済みのものは失われていません。",
            "Make room, then try again. Nothing that was stored is lost.",
        ),
    ),
    Fault(
        "read_only",
        both("データフォルダーに書き込めません。", "The data folder cannot be written to."),
        both(
            "フォルダーの所有者とアクセス権を直すか、別のデータフォルダー (--data-dir) を指定してください。",
            "Mend its owner and permissions, or choose another data folder (--data-dir).",
        ),
    ),
    Fault(
        "gone",
        both("データベースのファイルがなくなりました。", "The database's file is gone."),
        both(
            "実行中なら数秒で元に戻ります。戻らないときは cmcdesk doctor を実行してください。",
            "While cmcdesk runs it is put back within seconds. If it is not, run cmcdesk doctor.",
        ),
    ),
    Fault(
        "damaged",
        both("データベースが壊れています。", "The database is damaged."),
        both(
            "cmcdesk を終了し、cmcdesk doctor --repair を実行してください。読めるものを残し、控えから戻します。",
            "Close cmcdesk and run cmcdesk doctor --repair: it saves what can be read, and puts the last backup back.",
        ),
    ),
    Fault(
        "newer",
        both("新しいバージョンの cmcdesk のデータベースです。", "The database was made by a newer cmcdesk."),
        both(
            "新しい cmcdesk を使うか、別のデータフォルダー (--data-dir) を指定してください。変更していません。",
            "Use the newer cmcdesk, or another data folder (--data-dir). It was left untouched.",
        ),
    ),
    Fault(
        "path",
        both("データフォルダーを使えません。", "The data folder cannot be used."),
        both(
            "パスが長すぎないか、途中にフォルダーでないものがないか確かめ、別の --data-dir を指定してください。",
            "Its path may be too long, or lead through what is no folder: choose another --data-dir.",
        ),
    ),
    Fault(
        "other",
        both("データベースを使えません。", "The database cannot be used."),
        both(
            "cmcdesk doctor を実行すると、原因と直し方がわかります。",
            "Run cmcdesk doctor: it says why, and what mends it.",
        ),
    ),
)
OF_THE_SYSTEM: dict[int, Kind] = {
    errno.ENOSPC: "full",
    errno.EDQUOT: "full",
    errno.EROFS: "read_only",
    errno.EACCES: "read_only",
    errno.EPERM: "read_only",
    errno.ENAMETOOLONG: "path",
    errno.ENOTDIR: "path",
    errno.EISDIR: "path",
    errno.EEXIST: "path",
    errno.ELOOP: "path",
}


def find_fault_of(error: BaseException) -> Fault | None:
    """The fault that an error tells of; None for one that no database and no disk is to blame for."""
    cause = getattr(error, "orig", None) or error  # SQLAlchemy's own wrap the driver's
    kind = _kind_of(cause)
    return next(fault for fault in FAULTS if fault.kind == kind) if kind else None


def _kind_of(error: BaseException) -> Kind | None:
    if isinstance(error, NewerMailLog):
        return "newer"
    if isinstance(error, sqlite3.Error):
        name = name_of(error)
        kinds: tuple[tuple[bool, Kind], ...] = (
            (is_locked(error), "locked"),
            (is_disk_full(error), "full"),
            (is_damage(error), "damaged"),
            (name.startswith("SQLITE_READONLY"), "read_only"),
            (name.startswith("SQLITE_CANTOPEN"), "gone"),
        )
        return next((kind for applies, kind in kinds if applies), "other")
    return OF_THE_SYSTEM.get(error.errno or 0) if isinstance(error, OSError) else None
