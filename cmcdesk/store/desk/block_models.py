"""The tables of 配信停止 in desk.db: addresses that get no mail, errors as they are counted, the batch's terms."""

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from cmcdesk.store.desk.models import DeskBase

__all__ = ["BlockErrorRow", "BlockRow", "BlockTermsRow", "DeskBase"]


class BlockRow(DeskBase):
    """配信停止: one address that gets no mail of one composition, now (removed_at None) or before. exempt: it was
    deleted, so later errors never suppress it again."""

    __tablename__ = "block"
    __table_args__ = (
        Index("block_active", "composition", "email", unique=True, sqlite_where=text("removed_at IS NULL")),
        Index("block_list", "composition", "number", sqlite_where=text("removed_at IS NULL")),
        Index("block_age", "composition", "created_at", sqlite_where=text("removed_at IS NULL")),
        Index("block_exempt", "composition", "email", sqlite_where=text("exempt")),
        Index("block_removed", "removed_at", sqlite_where=text("removed_at IS NOT NULL")),
    )

    number: Mapped[int] = mapped_column(primary_key=True)  # order, for paging
    id: Mapped[str] = mapped_column(unique=True)  # 13 characters, CMC's
    composition: Mapped[str]
    email: Mapped[str]  # as `fold_address` writes it
    occurred: Mapped[int]
    status: Mapped[int]  # CMC's error status, the reason
    created_at: Mapped[float]
    removed_at: Mapped[float | None]
    removal: Mapped[str] = mapped_column(default="")  # cancelled | deleted | watched | unticked
    exempt: Mapped[bool] = mapped_column(default=False)


class BlockErrorRow(DeskBase):
    """How many mails to one address failed with one error status since it was last suppressed or freed."""

    __tablename__ = "block_error"
    __table_args__ = (
        UniqueConstraint("composition", "email", "status"),
        Index("block_error_counted", "counted_at", "id"),  # what was counted since the last run, by a seek
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    composition: Mapped[str]
    email: Mapped[str]
    status: Mapped[int]
    occurred: Mapped[int]
    counted_at: Mapped[float]


class BlockTermsRow(DeskBase):
    """実行設定 of one composition, and where its batch stands. evaluated_until: errors counted before were looked at
    under these conditions; requested_at: somebody wants it run now."""

    __tablename__ = "block_terms"

    composition: Mapped[str] = mapped_column(primary_key=True)
    run_at: Mapped[str]
    watch_days: Mapped[int | None]
    conditions: Mapped[dict[str, list[int]]] = mapped_column(JSON)  # error status → [enabled, occurrences]
    next_run_at: Mapped[float]
    last_run_at: Mapped[float | None]
    evaluated_until: Mapped[float] = mapped_column(default=0.0)
    requested_at: Mapped[float | None]
