"""What every page test asks of a page: findings as lists of words, empty when all is well."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Literal
from urllib.parse import urlsplit

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, Request

Scheme = Literal["light", "dark"]
ENGLISH, CHINESE = "en", "zh-hans"
LANGUAGES = (ENGLISH, CHINESE)


@dataclass
class Guard:
    """Listens to a page: script errors, CSP violations, requests that leave the site."""

    origin: str
    faults: list[str] = field(default_factory=list)
    allowed: list[str] = field(default_factory=list)

    def allow(self, pattern: str) -> None:
        """A fault that the test causes on purpose, as a regular expression."""
        self.allowed.append(pattern)

    def console(self, message: ConsoleMessage) -> None:
        """The console's errors and warnings; CSP violations are among them."""
        if message.type in {"error", "warning"}:
            self._note(f"{message.type}: {message.text}")

    def error(self, error: object) -> None:
        """An exception in a script."""
        self._note(f"exception: {error}")

    def request(self, request: Request) -> None:
        """A request; those to other origins are faults."""
        parts = urlsplit(request.url)
        if parts.scheme in {"http", "https", "ws", "wss"} and parts.netloc != self.origin:
            self._note(f"left the site: {request.url}")

    def check(self) -> None:
        """Fails if anything was heard that the test did not allow."""
        heard = [f for f in self.faults if not any(re.search(p, f) for p in self.allowed)]
        assert heard == []

    def _note(self, fault: str) -> None:
        self.faults.append(fault)


@dataclass
class Reader:
    """Opens pages as a person with a language, a screen, a scheme and perhaps elder mode."""

    browser: Browser
    base_url: str

    @contextmanager
    def page(
        self,
        *,
        language: str = ENGLISH,
        width: int = 1280,
        scheme: Scheme = "light",
        elder: bool = False,
        script: bool = True,
        cookies: dict[str, str] | None = None,
        **options: Any,
    ) -> Iterator[tuple[Page, Guard]]:
        """A page and its guard, who is asked at the end whether anything went wrong."""
        context = self.browser.new_context(
            base_url=self.base_url,
            viewport={"width": width, "height": 900},
            color_scheme=scheme,
            java_script_enabled=script,
            locale="zh-CN" if language == CHINESE else "en-GB",
            **options,
        )
        jar = {"django_language": language} | ({"mode": "elder"} if elder else {}) | (cookies or {})
        context.add_cookies([{"name": n, "value": v, "url": self.base_url} for n, v in jar.items()])
        context.set_default_timeout(15_000)
        page = context.new_page()
        guard = Guard(urlsplit(self.base_url).netloc)
        page.on("console", guard.console)
        page.on("pageerror", guard.error)
        page.on("request", guard.request)
        try:
            yield page, guard
            guard.check()
        finally:
            context.close()


def axe_findings(page: Page) -> list[str]:
    """What axe finds against WCAG and its best practices, a line for each element."""
    results = Axe().run(page).response
    assert results["passes"], "axe checked nothing"
    return [
        f"{finding['id']}: {node['html'][:160]}"
        for finding in results["violations"]
        for node in finding["nodes"]
    ]


def sideways(page: Page) -> list[str]:
    """The elements that make the page scroll sideways."""
    found: list[str] = page.evaluate(
        """() => {
          const root = document.documentElement;
          if (root.scrollWidth <= root.clientWidth) return [];
          const wide = [...document.querySelectorAll("body *")]
            .filter(e => e.getBoundingClientRect().right > root.clientWidth + 1);
          return [`${root.scrollWidth} > ${root.clientWidth}`,
                  ...wide.slice(0, 8).map(e => e.outerHTML.slice(0, 120))];
        }"""
    )
    return found


def italics(page: Page) -> list[str]:
    """Elements whose computed style is italic (Chinese has none)."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll("body, body *")]
          .filter(e => getComputedStyle(e).fontStyle !== "normal").map(e => e.tagName)"""
    )
    return found


def untagged_chinese(page: Page) -> list[str]:
    """Chinese texts outside `lang=zh…`: they would be drawn with Japanese glyphs."""
    found: list[str] = page.evaluate(
        r"""() => {
          const out = [];
          const walk = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
          while (walk.nextNode()) {
            const at = walk.currentNode.parentElement;
            if (!/[\u4e00-\u9fff]/.test(walk.currentNode.data) || at.closest("script")) continue;
            if (!at.closest("[lang]").lang.startsWith("zh")) out.push(walk.currentNode.data.trim());
          }
          return out;
        }"""
    )
    return found


def small_text(page: Page, smallest: float = 18) -> list[str]:
    """Texts below `smallest` pixels, drawings aside."""
    found: list[str] = page.evaluate(
        """(smallest) => [...document.querySelectorAll("body *")]
          .filter(e => !e.closest("svg, script, .visually-hidden")
            && [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim())
            && parseFloat(getComputedStyle(e).fontSize) < smallest)
          .map(e => e.outerHTML.slice(0, 120))""",
        smallest,
    )
    return found


def small_targets(page: Page, smallest: float) -> list[str]:
    """Controls smaller than `smallest` pixels either way; links within a sentence are exempt."""
    found: list[str] = page.evaluate(
        """(smallest) => [...document.querySelectorAll(
            "a, button, input:not([type=hidden]), select, textarea, summary")]
          .filter(e => !e.closest(".skip, p"))
          .map(e => [e, (e.closest(".choice") ?? e).getBoundingClientRect()])
          .filter(([, r]) => r.width && (r.width < smallest - .5 || r.height < smallest - .5))
          .map(([e, r]) => `${Math.round(r.width)}x${Math.round(r.height)} `
            + e.outerHTML.slice(0, 120))""",
        smallest,
    )
    return found


def dangling_references(page: Page) -> list[str]:
    """aria-describedby and its kin that point to nothing (axe does not see them)."""
    found: list[str] = page.evaluate(
        """() => ["aria-describedby", "aria-labelledby", "aria-controls", "for"].flatMap(name =>
          [...document.querySelectorAll(`[${name}]`)].flatMap(e =>
            e.getAttribute(name).split(/\\s+/).filter(id => id && !document.getElementById(id))
              .map(id => `${name}=${id}`)))"""
    )
    return found


def doubled_ids(page: Page) -> list[str]:
    """Ids that more than one element carries: labels and links then lead to the wrong one."""
    found: list[str] = page.evaluate(
        """() => {
          const ids = [...document.querySelectorAll("[id]")].map(e => e.id);
          return [...new Set(ids.filter((id, place) => ids.indexOf(id) !== place))];
        }"""
    )
    return found


def faults(page: Page) -> list[str]:
    """Everything that holds on every page, in one list."""
    return [
        *axe_findings(page),
        *sideways(page),
        *italics(page),
        *untagged_chinese(page),
        *dangling_references(page),
        *doubled_ids(page),
    ]
