"""見せる: the demo. In an ordinary console its page opens a second cmcdesk, which plays; in that one the page is the
stage: a caption, pause, next and end, and the real pages of the console below it.
"""

import threading
from collections.abc import Callable

from flask import Blueprint, Flask, Response, current_app, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from cmcdesk.console.demo.door import DemoDoor, write_display
from cmcdesk.console.demo.player import Player
from cmcdesk.console.demo.scenes import SCENES
from cmcdesk.console.frame.current import Services
from cmcdesk.console.frame.guard import CONTENT_SECURITY_POLICY
from cmcdesk.console.frame.language import choose_page_language, load_display, pick_text
from cmcdesk.console.frame.stream import Hub
from cmcdesk.rules.texts import translate

DOOR, PLAYER, END = "demo_door", "demo_player", "demo_end"
SLOWEST_ANSWER = 0.5  # seconds until the answer that leads back has left
#: The stage shows pages of its own console in a frame; no other console lets itself be framed.
STAGE_POLICY = CONTENT_SECURITY_POLICY.replace("frame-ancestors 'none'", "frame-ancestors 'self'")

demo = Blueprint("demo", __name__)


def install_demo(app: Flask, services: Services, hub: Hub) -> None:
    """Give `app` the door to the demo; `stop_streams` closes it."""
    app.extensions[DOOR] = DemoDoor(services.folder, lambda: hub.publish("demo"))

    @app.after_request
    def let_the_stage_frame(answer: Response) -> Response:
        if app.extensions.get(PLAYER):
            answer.headers.setdefault("Content-Security-Policy", STAGE_POLICY)
        return answer


def begin_demo(app: Flask, pace: float, back: str = "", end: Callable[[], None] | None = None) -> None:
    """Make this console a stage, and play. back: where its end leads; end: ends this cmcdesk."""
    hub: Hub = app.extensions["hub"]
    player = Player(app, pace, lambda: hub.publish("demo"))
    app.extensions[PLAYER], app.extensions[END] = player, (back, end)
    player.start()


def stop_demo(app: Flask) -> None:
    """At the end of the console: the story, and the demo that was opened from here."""
    player = app.extensions.get(PLAYER)
    if player is not None:
        player.stop()
    app.extensions[DOOR].close()


@demo.get("/demo")
def show_demo() -> ResponseReturnValue:
    """The stage; in an ordinary console what the demo is, with its button."""
    player: Player | None = current_app.extensions.get(PLAYER)
    if player is None:
        return render_template("demo/offer.html", door=_current_door(), scenes=SCENES)
    return render_template("demo/stage.html", **_tell_now(player))


@demo.post("/demo/start")
def start() -> ResponseReturnValue:
    """Open the demo, or play it again."""
    player: Player | None = current_app.extensions.get(PLAYER)
    if player is not None:
        player.start()
    else:
        display = write_display({**load_display().model_dump(), "language": choose_page_language()})
        _current_door().open(url_for("welcome.show_welcome", _external=True), display)
    return redirect(url_for("demo.show_demo"), 303)


@demo.get("/demo/now")
def show_now() -> ResponseReturnValue:
    """What the stage says; in an ordinary console the way to the demo once it is there."""
    player: Player | None = current_app.extensions.get(PLAYER)
    if player is not None:
        return render_template("demo/now.html", **_tell_now(player))
    door = _current_door()
    answer = Response(render_template("demo/door.html", door=door))
    if door.state == "open" and door.url:
        answer.headers["HX-Redirect"], door.url = door.url, ""  # it opens once
    return answer


@demo.post("/demo/control")
def control() -> ResponseReturnValue:
    """pause (or go on), next, again, end."""
    player: Player | None = current_app.extensions.get(PLAYER)
    what = request.form.get("do", "")
    if player is None:
        if what == "end":
            _current_door().close()
        return redirect(url_for("demo.show_demo"), 303)
    steps = {"pause": player.pause, "next": player.skip, "again": player.start, "end": player.stop}
    steps.get(what, lambda: None)()
    back, end = current_app.extensions[END]
    answer = Response(render_template("demo/now.html", **_tell_now(player)))
    if what == "end" and end is not None:
        answer.headers["HX-Redirect"] = back
        threading.Timer(SLOWEST_ANSWER, end).start()
    return answer


def _current_door() -> DemoDoor:
    door: DemoDoor = current_app.extensions[DOOR]
    return door


def _tell_now(player: Player) -> dict[str, object]:
    scene, numbers = player.scene, player.numbers
    values = {
        "mails": numbers.get("mails", 0),
        "refusals": numbers.get("refusals", 0),
        "bounces": numbers.get("bounces", 0),
        "posts": numbers.get("caught", 0),
    }
    is_counted = "%(" in scene.caption
    caption = translate(choose_page_language(), scene.caption, **values) if is_counted else pick_text(scene.caption)
    return {
        "player": player,
        "scene": scene,
        "caption": caption,
        "count": len(SCENES),
        "can_end": current_app.extensions[END][1] is not None,
    }
