"""What the window itself says, in the language that 表示設定 chose, else in the system's."""

from sqlalchemy import Engine

from cmcdesk.console.frame.desk_settings import load_desk_setting
from cmcdesk.console.frame.language import LANGUAGES, SETTING_KEY
from cmcdesk.processes.terminal import choose_language

MENU_TEXTS = {
    "ja": {"file": "ファイル", "reload": "再読み込み", "browser": "ブラウザーで開く", "quit": "終了"},
    "en": {"file": "File", "reload": "Reload", "browser": "Open in the browser", "quit": "Quit"},
}
#: keys of pywebview's own localization
DIALOG_TEXTS = {
    "ja": {
        "global.saveFile": "ファイルを保存", "global.ok": "OK", "global.cancel": "キャンセル", "global.quit": "終了",
    },
    "en": {"global.saveFile": "Save file", "global.ok": "OK", "global.cancel": "Cancel", "global.quit": "Quit"},
}  # fmt: skip


def choose_window_language(engine: Engine) -> str:
    """ "ja" or "en". The menu is made once: a new choice shows there when the window opens next."""
    chosen = load_desk_setting(engine, SETTING_KEY).get("language")
    return chosen if chosen in LANGUAGES else choose_language()
