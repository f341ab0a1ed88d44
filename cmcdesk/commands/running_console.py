"""The console that runs on a data folder, spoken to over its API: only it can reach the mail server."""

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlsplit

from cmcdesk.processes.instance import read_note
from cmcdesk.rules.texts import TellingError, tell, translate

if TYPE_CHECKING:
    from requests import Response

AGENT = "cmcdesk-cli"  # by which the operation log tells commands from other programs
SECONDS = 60  # an apply waits for the mail server's answer


class NotRunning(TellingError):
    """No cmcdesk runs on this data folder. `message`: {"ja", "en"}."""

    def __init__(self, folder: Path) -> None:
        message = tell(
            "cmcdesk is not running on %(folder)s. What is saved stays saved and is not live: "
            "start cmcdesk, then apply.",
            folder=folder,
        )
        super().__init__(message)


class ConsoleRefused(Exception):
    """The console answered with errors. `lines`: one for each."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


@dataclass(frozen=True)
class RunningConsole:
    """url: scheme, host and port."""

    folder: Path
    url: str
    token: str
    language: str

    def apply(self, name: str) -> int:
        """Reflect the draft of a composition → the number of its revision. Raises ConsoleRefused, NotRunning."""
        answer = self._post(f"/api/v1/compositions/{quote(name, safe='')}/apply")
        if answer.status_code != 200:
            raise ConsoleRefused(_read_errors(answer))
        return int(answer.json()["revision"])

    def call(self, method: str, path: str, body: Any = None, **query: Any) -> Any:
        """The JSON of one operation of the API, path without `/api/v1/`; None where it answers with nothing. Raises
        ConsoleRefused, NotRunning."""
        asked = {name: value for name, value in query.items() if value is not None}
        answer = self.ask(method, f"/api/v1/{path}", body, asked)
        if not answer.ok:
            raise ConsoleRefused(_read_errors(answer))
        return answer.json() if answer.content else None

    def _post(self, path: str) -> "Response":
        return self.ask("POST", path, {})

    def ask(self, method: str, path: str, body: Any = None, query: dict[str, Any] | None = None) -> "Response":
        """One request, with the token. Raises ConsoleRefused when it takes too long, NotRunning."""
        import requests

        headers = {"Authorization": f"Bearer {self.token}", "Accept-Language": self.language, "User-Agent": AGENT}
        with requests.Session() as session:
            session.trust_env = False  # a proxy of the environment must not see what is meant for this machine
            try:
                url = self.url + path
                return session.request(method, url, params=query, json=body, headers=headers, timeout=SECONDS)
            except requests.ConnectionError:  # the note was left behind by one that was killed
                raise NotRunning(self.folder) from None
            except requests.Timeout:
                raise ConsoleRefused(
                    [translate(self.language, "no answer within %(seconds)s s", seconds=SECONDS)]
                ) from None


def find_console(folder: Path, language: str) -> RunningConsole:
    """The console that its note `instance.json` names. Raises NotRunning."""
    note = read_note(folder / "instance.json")
    if not note.get("url") or not note.get("token"):
        raise NotRunning(folder)
    url = urlsplit(str(note["url"]))
    return RunningConsole(folder, f"{url.scheme}://{url.netloc}", str(note["token"]), language)


def _read_errors(answer: "Response") -> list[str]:
    try:
        errors: list[dict[str, Any]] = answer.json()["errors"]
        return [": ".join(str(error[key]) for key in ("field", "message") if error.get(key)) for error in errors]
    except (ValueError, KeyError, TypeError, AttributeError):
        return [f"HTTP {answer.status_code} {answer.reason}"]
