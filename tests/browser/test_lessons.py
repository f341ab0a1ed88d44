"""Every lesson that comes with the program, played in a row in one browser from its beginning to its last green check:
each step is red until it is done, turns green without a reload, and its control stands out on its page."""

import re
from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser, Locator, Page, expect

from cmcdesk.console.lessons.places import PLACES, write_place_address
from cmcdesk.console.lessons.shelf import list_shipped
from cmcdesk.desk import Desk
from cmcdesk.processes.placing import Placing
from cmcdesk.rules.training import Lesson
from cmcdesk.starting import DeskOptions

from .conftest import Site, Watch
from .touring import find_faults, find_overflow

LONG = 30_000  # milliseconds
FORM = "info@mailform.example.com"


class Hand:
    """A learner at the screens; who plays `lesson` on `name`."""

    def __init__(self, page: Page, site: Site) -> None:
        self.page, self.site, self.name = page, site, "pro"
        page.on("dialog", lambda dialog: dialog.accept())

    def begin(self, lesson: Lesson, learner: str = "花子") -> None:
        self.name = "sandbox" if lesson.plan == "standard" else "pro"
        self.page.goto(f"{self.site.base}/lessons/{lesson.key}")
        self.page.fill("#learner", learner)
        self.page.click("#begin-now")
        expect(self.page.locator("#lesson-panel")).to_be_visible()

    def leave(self, lesson: Lesson) -> None:
        """With the settings put back, if it is played: a test that is tried once more left it half-way."""
        self.page.goto(f"{self.site.base}/lessons/{lesson.key}")
        if self.page.locator("#is-played").count():
            self.page.click("#lesson-put-back")
            expect(self.page.locator("#flash")).to_contain_text(re.compile("レッスン開始時の状態"))
            self.page.click("#lesson-leave")
            expect(self.page.locator("#lesson-panel")).to_have_count(0)

    def find(self, place: str) -> Locator:
        """The controls of a place on the open page."""
        return self.page.locator(PLACES[place].control.replace("{name}", self.name))

    def expect_step(self, number: int, done: str) -> None:
        expect(self.page.locator(f".lesson-step[data-step='{number}']")).to_have_attribute(
            "data-done", done, timeout=LONG
        )

    def look(self) -> None:
        """Open the page of the step that is next."""
        address = str(self.page.locator("#lesson-go").get_attribute("href"))
        self.page.click("#lesson-go")
        self.page.wait_for_url(
            lambda url: url.endswith(address)
        )  # what is looked for next may be on the page before too

    def go(self) -> None:
        """The same, where something is to be done: its control stands out there."""
        if self.page.locator("#lesson-go").count():
            self.look()
        expect(self.page.locator("#lesson-go:not([href^='/simulator'])")).to_have_count(0)
        expect(self.page.locator(".lesson-here").first).to_be_visible()

    def save(self, **fields: str) -> None:
        self.go()
        for key, value in fields.items():
            self.page.fill(f"[id='receiving.{key}']", value)
        self.page.click("#save")

    def add_domain(self, tab: str, domain: str) -> None:
        self.go()
        self.page.fill(f"#pane-{tab} .domain-add input", domain)
        self.page.click(f"#pane-{tab} .domain-add button")
        self.page.click("#save")

    def reflect(self) -> None:
        self.go()
        self.page.click(f"#reflect-of-{self.name}")
        self.page.click("#apply-now")
        self.page.locator("#dialog:has([role=status] .good) footer [data-close-dialog]").click()

    def send(self) -> None:
        self.go()
        self.page.click("#start")

    def has_world(self) -> bool:
        return bool(self.site.desk.app.extensions["world"].state == "running")

    def start_world(self) -> None:
        self.go()
        self.page.click("#start-world")

    def enter_mx(self, domain: str) -> None:
        self.page.goto(f"{self.site.base}/world/dns")
        self.page.fill("#name", domain)
        self.page.fill("#value", "pro.smtps.jp")
        self.page.click("#enter")

    def rewrite(self, domain: str) -> None:
        self.go()
        self.page.check("[name='advanced.envelope_from.rewrite'][value='true']")
        self.page.fill("[id='advanced.envelope_from.domain']", domain)
        self.page.click("#save")

    def relay(self, recipient: str) -> None:
        self.page.goto(f"{self.site.base}/world/destinations")
        self.page.select_option("#send-composition", self.name)
        self.page.fill("#send-recipient", recipient)
        self.page.click("#send-mail")
        expect(self.page.locator("#path")).to_be_visible()

    def notify(self, name: str, pattern: str) -> None:
        self.go()
        self.page.fill("#name", name)
        self.page.locator("#conditions input").nth(1).fill(pattern)
        self.page.click("#save")

    def open_row(self, rows: str) -> None:
        self.look()
        self.page.locator(rows).first.click()

    def answer(self, status: str) -> None:
        self.go()
        if status in ("200", "500"):
            self.page.get_by_role("button", name=status, exact=True).click()
        else:
            self.page.fill("[name=status]", status)
            self.page.locator("form:has([name=status]) button").click()
        expect(self.page.locator("#answer-now")).to_contain_text(status)

    def send_again(self) -> None:
        self.go()
        self.page.check("#choose-all")
        self.page.click("#retry-several")

    def again_form(self) -> None:
        self.page.goto(f"{self.site.base}/simulator?preset=webhook&composition={self.name}")
        self.page.click("#start")

    def watch_events(self) -> None:
        self.go()
        self.page.locator(".catcher-offer button").click()
        self.page.check("[name='event_webhook.bounces'][type='checkbox']")
        self.page.click("#save")

    def remove_mx(self, domain: str) -> None:
        self.go()
        self.page.locator(f"[data-record='{domain} MX'] button").click()
        expect(self.page.locator(f"[data-record='{domain} MX']")).to_have_count(0)

    def break_loop(self) -> None:
        self.go()
        self.page.locator("#pane-bounce .domain-list button").first.click()
        self.page.click("#save")
        self.page.click("#reflect-now")
        self.page.click("#apply-now")
        self.page.locator("#dialog:has([role=status] .good) footer [data-close-dialog]").click()
        self.relay("full@example.net")

    def restore(self) -> None:
        self.go()
        self.page.locator("[data-lesson='restore']").nth(1).click()


Deed = Callable[[Hand], None]

#: Lesson → what its learner does, step by step; the last deed is the one that goes wrong on purpose.
DEEDS: dict[str, list[Deed]] = {
    "interval": [
        lambda hand: hand.save(interval_ms="1000"), Hand.reflect, Hand.send, lambda hand: hand.save(interval_ms="5"),
    ],
    "session-limit": [
        lambda hand: hand.save(max_sessions="2"), Hand.reflect, Hand.send,
        lambda hand: hand.open_row("#refusal-list tbody a"), lambda hand: hand.save(max_sessions="101"),
    ],
    "size-limit": [
        lambda hand: hand.save(size_kb="100"), Hand.reflect, Hand.send, Hand.send, Hand.send,
    ],
    "save-and-reflect": [
        lambda hand: hand.save(size_kb="50"), Hand.send, Hand.reflect, Hand.send, Hand.restore,
    ],
    "bounce-domain": [
        Hand.start_world, lambda hand: hand.enter_mx("return.example.com"),
        lambda hand: hand.add_domain("bounce", "return.example.com"),
        lambda hand: hand.rewrite("return.example.com"), Hand.reflect, Hand.look,
        lambda hand: hand.relay("nobody@example.net"),
        lambda hand: (hand.remove_mx("return.example.com"), hand.relay("nobody@example.net"))[0],
    ],
    "inbound-webhook": [
        Hand.start_world, lambda hand: hand.enter_mx("mailform.example.com"),
        lambda hand: hand.add_domain("inbound", "mailform.example.com"),
        lambda hand: hand.notify("form", r"info@mailform\.example\.com"), Hand.reflect, Hand.send, Hand.look, Hand.send,
    ],
    "plans": [
        Hand.look, lambda hand: hand.add_domain("inbound", "mailform.example.com"), Hand.reflect, Hand.send,
        lambda hand: hand.save(max_sessions="20"), Hand.send,
    ],
    "read-a-bounce": [
        Hand.send, Hand.look, lambda hand: hand.open_row("#mail-list tbody a"), Hand.send, Hand.send,
    ],
    "webhook-down": [
        lambda hand: hand.answer("500"), Hand.send, Hand.look, lambda hand: hand.answer("200"), Hand.send_again,
        lambda hand: (hand.answer("410"), hand.again_form())[0],
    ],
    "patterns": [
        lambda hand: hand.notify("support", r"support-\d+@mailform\.example\.com"),
        lambda hand: hand.add_domain("inbound", "mailform.example.com"), Hand.reflect, Hand.send, Hand.send,
        lambda hand: hand.notify("broken", r"support-(\d+@"),
    ],
    "spam-judgment": [
        Hand.send, lambda hand: hand.open_row("#refusal-list tbody a"), Hand.send, Hand.send,
    ],
    "journey": [
        Hand.start_world, Hand.watch_events, Hand.reflect, lambda hand: hand.relay("full@example.net"), Hand.look,
        Hand.break_loop,
    ],
}  # fmt: skip


@pytest.fixture(scope="module")
def hand(tmp_path_factory: pytest.TempPathFactory, browser: Browser) -> Iterator[Hand]:
    """One desk as it is after its installation and one browser, for all lessons."""
    options = DeskOptions(tmp_path_factory.mktemp("desk"), port=0, placing=Placing(receiver_port=0, relay_port=0))
    with Desk(options) as desk:
        desk.start()
        site = Site(desk)
        context = browser.new_context(locale="ja-JP", viewport={"width": 1280, "height": 860})
        watch = Watch(site.base)
        page = context.new_page()
        watch.attach(page)
        page.goto(desk.url)
        yield Hand(page, site)
        watch.expected.append("422")  # what is saved wrongly on purpose
        context.close()
        watch.check()


def test_every_lesson_that_comes_along_is_played() -> None:
    assert {lesson.key: len(lesson.all_steps) for lesson in list_shipped()} == {
        key: len(deeds) for key, deeds in DEEDS.items()
    }


@pytest.mark.parametrize("lesson", list_shipped(), ids=lambda lesson: lesson.key)
def test_a_lesson_is_played_from_its_beginning_to_its_last_green_check(hand: Hand, lesson: Lesson) -> None:
    hand.leave(lesson)
    settings = {name: hand.site.api(f"compositions/{name}/draft")["settings"] for name in ("pro", "sandbox")}
    hand.begin(lesson)
    for number, deed in enumerate(DEEDS[lesson.key]):
        if lesson.all_steps[number].check.what == "world" and hand.has_world():
            continue  # an earlier lesson left it running, and the first step is green for that
        hand.expect_step(number, "no")
        deed(hand)
        hand.expect_step(number, "yes")
    expect(hand.page.locator("#lesson-done")).to_be_visible()
    hand.page.click("#lesson-put-back")
    expect(hand.page.locator("#flash")).to_contain_text(re.compile("レッスン開始時の状態"))
    for name, before in settings.items():
        assert hand.site.api(f"compositions/{name}/draft")["settings"] == before
    assert {each["state"] for each in hand.site.api("compositions")["compositions"]} == {"operating"}


def test_every_control_of_the_vocabulary_is_on_its_page(hand: Hand) -> None:
    """On a desk where all lessons were played: there are mails, refusals, deliveries and a world to show."""
    hand.name = "pro"
    pages: dict[str, list[str]] = {}
    with hand.site.desk.app.test_request_context(base_url=hand.site.base):
        for name, place in PLACES.items():
            if not place.by:
                pages.setdefault(write_place_address(name, hand.name), []).append(name)
    rows = {"mail": ("/mails", "#mail-list tbody a"), "refusal": ("/refusals", "#refusal-list tbody a")}
    missing = []
    for address, names in pages.items():
        hand.page.goto(hand.site.base + address)
        missing += [name for name in names if not hand.find(name).count()]
    for name, (address, row) in rows.items():
        hand.page.goto(hand.site.base + address)
        hand.page.locator(row).first.click()
        expect(hand.find(name)).not_to_have_count(0)
    hand.relay("full@example.net")
    expect(hand.find("journey")).not_to_have_count(0)
    assert missing == []


def assert_nothing_hides(page: Page, button: str) -> None:
    """The panel, folded or not, stands below the button."""
    page.locator(button).scroll_into_view_if_needed()
    panel, box = page.locator("#lesson-panel").bounding_box(), page.locator(button).bounding_box()
    assert panel and box and box["y"] + box["height"] <= panel["y"] + 1


def test_the_panel_is_read_out_fits_every_width_and_takes_keys(hand: Hand, axe: str) -> None:
    page, site = hand.page, hand.site
    hand.begin(next(lesson for lesson in list_shipped() if lesson.key == "size-limit"))
    page.goto(f"{site.base}/compositions/pro/settings/receiving")
    expect(page.locator(".lesson-here")).to_have_count(2)
    assert find_faults(page, axe) == []
    page.emulate_media(color_scheme="dark")
    page.reload()
    assert find_faults(page, axe, "color-contrast") == []
    page.emulate_media(color_scheme="light")
    page.reload()
    assert list(find_overflow(page)) == []
    page.locator("#lesson-show").press("Enter")
    expect(page.locator("[id='receiving.size_kb']")).to_be_focused()
    page.locator("#lesson-fold").press("Enter")
    expect(page.locator("#lesson-body")).to_be_hidden()
    page.reload()
    expect(page.locator("#lesson-fold")).to_have_attribute("aria-expanded", "false")
    page.set_viewport_size({"width": 400, "height": 800})
    assert_nothing_hides(page, "#save")
    page.locator("#lesson-fold").press("Enter")
    page.set_viewport_size({"width": 400, "height": 800})
    assert_nothing_hides(page, "#save")
    page.set_viewport_size({"width": 1280, "height": 860})
    page.fill("[id='receiving.size_kb']", "100")
    page.click("#save")
    expect(page.locator("#lesson-news")).to_have_text("次は手順 2 です。", timeout=LONG)


def test_starting_over_and_the_overview_are_live(hand: Hand) -> None:
    page, site = hand.page, hand.site
    overview = page.context.new_page()
    overview.goto(f"{site.base}/lessons/learners/overview")
    cell = overview.locator("[data-learner='花子'] [data-of='size-limit']")
    expect(cell).to_contain_text("0:")  # an earlier run that was done stays done
    expect(overview.locator("[data-learner='花子']")).to_contain_text("12/12")
    page.click("#lesson-restart")
    expect(page.locator("#flash")).to_contain_text("レッスンを最初からやり直します。")
    hand.expect_step(0, "no")
    assert site.receiving("pro")["size_kb"] == 10240
    page.goto(f"{site.base}/lessons")
    page.fill("#learner", "太郎")
    page.click("#choose-learner .btn-primary")
    hand.begin(next(lesson for lesson in list_shipped() if lesson.key == "interval"), "太郎")
    expect(overview.locator("[data-learner='太郎'] [data-of='interval']")).to_contain_text("0/4", timeout=LONG)
    overview.emulate_media(media="print")
    expect(overview.locator(".lesson-panel")).to_be_hidden()
    assert overview.pdf(prefer_css_page_size=True).count(b"/Type /Page\n") == 1
    overview.close()
    page.click("#lesson-leave")
    expect(page.locator("#lesson-panel")).to_have_count(0)
