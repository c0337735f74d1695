"""The fitting room in a real browser against the real stack: a buyer's and a seller's way, on a phone and a desktop.

Every view that is come by is checked with axe, and with `--fitting-room-pictures FOLDER` a picture of it is kept.
"""

from __future__ import annotations

import os
import re
import shutil
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
import pytest
from playwright.sync_api import Browser, Locator, Page, expect, sync_playwright

from vf_cli import stack

ROOT = Path(__file__).resolve().parents[1]
AXE = ROOT / "web/node_modules/axe-core/axe.min.js"
SECONDS = 1000
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PHONE, DESKTOP = {"width": 360, "height": 740}, {"width": 1280, "height": 800}
OF_ANSWERS = re.compile(r"Failed to load resource")
"""What the browser itself logs of an answer with an error's status: those are the tests' own."""


@dataclass(frozen=True)
class Words:
    """What the buttons say in one language."""

    locale: str
    try_on: str
    progress: str
    worn: str
    choose: str
    chosen: str
    favourite: str
    compare: str
    full: str
    twelve: str
    close: str
    zoom: str
    wipe: str
    change: str
    camera: str
    timer: str
    forget: str
    forget_yes: str
    forgotten: str
    nobody: str
    offline: str
    search: str
    shirt: str
    long_sleeves: str
    hanger: str
    bed: str
    tops: str
    title: str
    price: str
    list_it: str
    photo: str
    points: str


ENGLISH = Words(
    "en-GB", "Try on", "Trying on", "You in", "I choose this", "Chosen", "Add", "Side by side", "Full size",
    "How it was made", "Close", "Zoom in", "Before and after", "Change photo", "Take a photo", "In 5 seconds",
    "Delete everything of mine now", "Yes, delete everything", "Everything of yours is deleted.",
    "We see nobody in this photo.", "You are offline.",
    "Search listings", "T-shirt", "Long-sleeved shirt", "Top on a hanger", "Top on the bed",
    "Tops and jackets", "Title", "Price in won", "List it", "Choose a photo of yourself", "Points",
)  # fmt: skip
KOREAN = Words(
    "ko-KR", "입어 보기", "입혀 보는 중", "입은 모습", "이걸로 할게요", "선택함", "찜하기", "나란히 보기", "원본 크기",
    "만들어진 과정", "닫기", "확대", "전후 비교", "사진 바꾸기", "사진 찍기", "5초 뒤에 찍기",
    "내 정보 지금 모두 삭제", "네, 모두 삭제합니다", "고객님의 정보를 모두 삭제했습니다.",
    "사진에서 사람을 찾지 못했습니다.", "인터넷에 연결되어 있지 않습니다.",
    "상품 검색", "티셔츠", "긴팔 티셔츠", "옷걸이에 건 상의", "침대 위의 상의",
    "상의·재킷", "상품 이름", "가격(원)", "판매 등록", "내 사진을 골라 주세요", "기준점",
)  # fmt: skip


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """Debian's Chromium, with a camera that shows a test pattern."""
    program = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if program is None:
        assert "CI" not in os.environ, "chromium is missing"
        pytest.skip("chromium is not installed")
    camera = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=camera)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def axe() -> str | None:
    """The program that looks for barriers; None: web/'s packages are not installed."""
    if AXE.exists():
        return AXE.read_text()
    assert "CI" not in os.environ, "axe-core is missing: npm ci in web/"
    return None


@dataclass
class Visit:
    """One buyer's browser.

    Attributes:
        page: what they see.
        words: in their language.
        name: of their screen and language.
        stack: whose gateway they use.
        axe: the program that looks for barriers.
        pictures: where a picture of each view is kept.
        complaints: what the browser found wrong, and requests that went elsewhere.
    """

    page: Page
    words: Words
    name: str
    stack: stack.Stack
    axe: str | None
    pictures: Path | None
    complaints: list[str] = field(default_factory=list)
    token: str = ""

    def __post_init__(self) -> None:
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("request", self._asked)
        self.page.on("console", self._said)
        self.page.on("response", self._answered)

    def _asked(self, request: Any) -> None:
        if not request.url.startswith((self.stack.url, f"blob:{self.stack.url}")):
            self.complaints.append(f"asked elsewhere: {request.url}")

    def _said(self, message: Any) -> None:
        if message.type == "error" and not OF_ANSWERS.match(message.text):
            self.complaints.append(message.text)

    def _answered(self, response: Any) -> None:
        if response.url.endswith("/demo/session") and response.ok:
            self.token = response.json()["token"]

    def open(self) -> None:
        self.page.goto(stack.web_link(self.stack.url))
        expect(self.button(f"{self.words.try_on}: {self.words.shirt}")).to_be_visible(timeout=30 * SECONDS)
        assert "key" not in self.page.url

    def button(self, name: str, exact: bool = True) -> Locator:
        return self.page.get_by_role("button", name=name, exact=exact)

    def go(self, place: str) -> None:
        """By the links at the page's bottom."""
        self.page.locator(f"nav.pages a.{place}").click()

    def look(self, view: str) -> None:
        """What is seen now has no barrier; keep a picture of it."""
        self.page.wait_for_timeout(300)  # pictures appear within a quarter of a second
        if self.pictures:
            self.pictures.mkdir(parents=True, exist_ok=True)
            for scheme in ("light", "dark"):
                self.page.emulate_media(color_scheme=scheme)
                self.page.screenshot(
                    path=self.pictures / f"{view}-{self.name}-{scheme}.png", full_page="dialog" not in view
                )
            self.page.emulate_media(color_scheme="light")
            self.page.wait_for_timeout(300)  # colours change over a moment; in between contrasts are no one's
        width = self.page.evaluate("[document.documentElement.scrollWidth, innerWidth]")
        assert width[0] <= width[1], f"{view} is wider than the screen"
        if self.axe is None:
            return
        self.page.evaluate(self.axe)
        options = {"runOnly": RULES, "resultTypes": ["violations"]}
        found = self.page.evaluate("options => axe.run(document, options)", options)["violations"]
        told = [f"{each['id']}: {each['help']}: {[n['target'] for n in each['nodes']][:4]}" for each in found]
        assert not told, (view, told)

    def upload(self, picture: Path, within: str = "vf-fitting-room") -> None:
        self.page.locator(within).locator('input[type="file"]').set_input_files(picture)

    def try_on(self, listing: str) -> None:
        self.go("shop")
        self.button(f"{self.words.try_on}: {listing}").click()

    def result(self, listing: str) -> Locator:
        """The heading over a fitting that is done."""
        name = re.compile(rf"{self.words.worn} {re.escape(listing)}$|^{re.escape(listing)} {self.words.worn}$")
        return self.page.locator("vf-fitting-room").get_by_role("heading", name=name)

    def expect_result(self, listing: str) -> None:
        expect(self.result(listing)).to_be_visible(timeout=90 * SECONDS)
        expect(self.page.locator("vf-wipe img")).to_have_count(2, timeout=30 * SECONDS)

    def kept(self, what: str) -> list[Any]:
        """What the gateway has of this buyer."""
        headers = {"Authorization": f"Bearer {self.token}"}
        answer = httpx.get(f"{self.stack.url}/v1/{what}", headers=headers, trust_env=False)
        return [each for each in answer.raise_for_status().json()["items"] if each["buyer"]]


Visitor = Callable[[dict[str, int], Words], Visit]


@pytest.fixture
def visitor(
    browser: Browser, local_stack: stack.Stack, axe: str | None, pytestconfig: pytest.Config
) -> Iterator[Visitor]:
    folder = pytestconfig.getoption("--fitting-room-pictures")
    visits: list[Visit] = []

    def visit(screen: dict[str, int], words: Words) -> Visit:
        is_phone = screen is PHONE
        context = browser.new_context(
            viewport=screen, locale=words.locale, has_touch=is_phone, is_mobile=is_phone, color_scheme="light",  # type: ignore[arg-type]
            permissions=["camera"],
        )  # fmt: skip
        context.set_default_timeout(30 * SECONDS)
        name = f"{'phone' if is_phone else 'desktop'}-{words.locale[:2]}"
        visits.append(Visit(context.new_page(), words, name, local_stack, axe, Path(folder) if folder else None))
        visits[-1].open()
        return visits[-1]

    yield visit
    for each in visits:
        each.page.context.close()
        assert not each.complaints


@pytest.mark.parametrize(("screen", "words"), [(PHONE, KOREAN), (DESKTOP, ENGLISH)], ids=["phone-ko", "desktop-en"])
def test_a_buyer_from_photo_to_chosen_product(
    visitor: Visitor, samples: Path, screen: dict[str, int], words: Words, http: httpx.Client
) -> None:
    visit = visitor(screen, words)
    page, room = visit.page, visit.page.locator("vf-fitting-room")
    visit.look("shop")
    page.get_by_role("searchbox", name=words.search).fill(words.long_sleeves)
    expect(page.locator(".offers li")).to_have_count(1)
    visit.button(f"{words.try_on}: {words.long_sleeves}").click()
    expect(room.get_by_role("heading", name=words.photo)).to_be_visible()
    visit.look("photo")

    visit.upload(samples / "trousers.jpg")  # nobody is on it
    expect(room.get_by_role("alert")).to_contain_text(words.nobody, timeout=60 * SECONDS)
    visit.look("photo-problem")
    visit.upload(samples / "person.jpg")  # what was asked for goes on by itself
    expect(room.get_by_role("heading", name=words.progress, exact=False)).to_be_visible(timeout=60 * SECONDS)
    visit.look("progress")
    visit.expect_result(words.long_sleeves)
    visit.look("result")

    wipe = page.get_by_role("slider", name=words.wipe)
    wipe.focus()
    wipe.press("Home")
    for _ in range(3):
        wipe.press("PageUp")
    assert 0 < int(wipe.input_value()) < 100
    visit.look("result-wiped")
    visit.button(words.zoom).click()
    assert page.locator("vf-wipe .frame").evaluate("frame => frame.scrollWidth > frame.clientWidth")
    visit.look("result-zoomed")
    for name, view in ((words.full, "dialog-full"), (words.twelve, "dialog-twelve")):
        visit.button(name).click()
        expect(page.get_by_role("dialog").locator("img")).to_be_visible(timeout=30 * SECONDS)
        visit.look(view)
        page.keyboard.press("Escape")
        expect(page.get_by_role("dialog")).to_have_count(0)

    visit.go("shop")
    page.get_by_role("searchbox").fill("")
    visit.try_on(words.shirt)
    visit.expect_result(words.shirt)

    visit.button(words.compare).click()
    expect(page.locator(".compared li")).to_have_count(2)
    page.locator(".compared li").first.get_by_role("button", name=words.favourite, exact=False).click()
    page.locator(".compared li").last.locator(".choose").click()
    expect(page.locator(".compared li").last.locator(".choose")).to_contain_text(words.chosen)
    visit.look("compare")
    chosen = http.get("/v1/fittings", params={"selected": True}).json()["items"]
    own = {each["id"] for each in visit.kept("fittings")}
    assert len([each for each in chosen if each["id"] in own]) == 1

    page.reload()
    visit.button(words.compare).click()
    expect(page.locator(".compared li")).to_have_count(2)
    expect(page.locator('.compared [aria-pressed="true"]')).to_have_count(2)  # one chosen, one favourite


def test_a_reload_in_the_middle_of_a_fitting(visitor: Visitor) -> None:
    visit = visitor(PHONE, ENGLISH)
    visit.go("room")
    visit.button("Example person 2").click()
    expect(visit.button(ENGLISH.change)).to_be_visible(timeout=60 * SECONDS)
    visit.look("empty")
    visit.try_on(ENGLISH.hanger)
    expect(visit.page.get_by_role("heading", name=f"{ENGLISH.progress} {ENGLISH.hanger}")).to_be_visible()
    expect(visit.page.locator(".stages")).to_be_visible()
    visit.page.reload()
    visit.expect_result(ENGLISH.hanger)
    assert len(visit.kept("fittings")) == 1


def test_a_killed_service_and_a_lost_connection(visitor: Visitor, local_stack: stack.Stack) -> None:
    visit = visitor(DESKTOP, KOREAN)
    visit.button("예시 인물 3").click()
    expect(visit.button(KOREAN.change)).to_be_visible(timeout=60 * SECONDS)
    visit.page.context.set_offline(True)
    expect(visit.page.get_by_text(KOREAN.offline, exact=False).first).to_be_visible()
    visit.try_on(KOREAN.bed)
    expect(visit.page.locator("vf-fitting-room").get_by_role("alert")).to_be_visible()
    visit.look("offline")
    visit.page.context.set_offline(False)
    service = local_stack.running["hrviton"]
    service.process.kill()
    service.process.wait()
    try:
        visit.button("다시 시도").click()
        expect(visit.page.locator(".stages")).to_be_visible(timeout=30 * SECONDS)
    finally:
        until = time.monotonic() + 30
        while not service.alive or service.restart_at is not None:
            service.restart_when_due(time.monotonic())
            assert time.monotonic() < until
            time.sleep(0.05)
        local_stack.wait_ready()
    visit.expect_result(KOREAN.bed)


def test_deleting_everything(visitor: Visitor) -> None:
    visit = visitor(PHONE, KOREAN)
    visit.go("room")
    visit.button("예시 인물 1").click()
    visit.try_on(KOREAN.shirt)
    visit.expect_result(KOREAN.shirt)
    assert all(visit.kept(what) for what in ("people", "garments", "fittings"))
    visit.button(KOREAN.forget).click()
    visit.look("dialog-forget")
    visit.button(KOREAN.forget_yes).click()
    expect(visit.page.get_by_text(KOREAN.forgotten)).to_be_visible(timeout=30 * SECONDS)
    assert not any(visit.kept(what) for what in ("people", "garments", "fittings"))
    visit.page.reload()
    expect(visit.page.get_by_role("heading", name=KOREAN.photo)).to_be_visible()


def test_a_photo_from_the_camera(visitor: Visitor) -> None:
    visit = visitor(PHONE, ENGLISH)
    visit.go("room")
    visit.button(ENGLISH.camera).click()
    expect(visit.button(ENGLISH.timer)).to_be_enabled(timeout=30 * SECONDS)
    visit.look("dialog-camera")
    visit.button("Take it now").click()  # a test pattern, in which nobody is
    expect(visit.page.get_by_role("alert")).to_contain_text(ENGLISH.nobody, timeout=60 * SECONDS)


@pytest.mark.parametrize(("screen", "words"), [(PHONE, ENGLISH), (DESKTOP, KOREAN)], ids=["phone-en", "desktop-ko"])
def test_a_seller_corrects_and_lists(visitor: Visitor, samples: Path, screen: dict[str, int], words: Words) -> None:
    visit = visitor(screen, words)
    page, check = visit.page, visit.page.locator("vf-garment-check")
    visit.go("sell")
    visit.look("sell")
    visit.upload(samples / "person.jpg", "vf-garment-check")  # somebody, and no garment alone
    expect(check.get_by_role("alert")).to_be_visible(timeout=60 * SECONDS)
    visit.look("sell-refused")
    visit.upload(samples / "tank.jpg", "vf-garment-check")
    expect(check.get_by_role("alert")).to_have_count(0, timeout=60 * SECONDS)
    expect(check.locator("dd")).to_have_count(3, timeout=60 * SECONDS)  # kind, way of photographing, side
    visit.button(words.points).click()
    visit.look("sell-read")
    check.get_by_role("radio", name=words.tops).check()
    expect(check.get_by_role("radio", name=words.tops)).to_be_checked(timeout=60 * SECONDS)
    page.get_by_label(words.title, exact=True).fill("Tank 7")
    page.get_by_label(words.price, exact=True).fill("7000")
    visit.button(words.list_it).click()
    [garment] = visit.kept("garments")
    assert garment["category"] == "tops"
    visit.go("shop")
    expect(visit.button(f"{words.try_on}: Tank 7")).to_be_visible()
    visit.look("shop-listed")


def test_the_door_needs_the_key(visitor: Visitor, local_stack: stack.Stack) -> None:
    visit = visitor(PHONE, ENGLISH)
    visit.page.context.clear_cookies()
    visit.page.reload()
    expect(visit.page.get_by_role("heading", name="Open the fitting room")).to_be_visible()
    visit.page.get_by_label("Key").fill("vf_wrong")
    visit.button("Open").click()
    expect(visit.page.get_by_role("alert")).to_be_visible()
    visit.look("gate")
    visit.page.get_by_label("Key").fill(stack.local_key())
    visit.button("Open").click()
    expect(visit.button(f"{ENGLISH.try_on}: {ENGLISH.shirt}")).to_be_visible()
