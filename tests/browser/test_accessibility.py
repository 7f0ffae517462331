"""axe-core finds nothing, with every table and section open: on the report and on a protein's page, in light and in dark."""

import json
from collections.abc import Iterator
from importlib.resources import files

import pytest

from tests.helpers.chromium import Chromium, find_chromium
from tests.helpers.made_study import identifiers, made_study
from tests.helpers.whole_page import build_page

PROTEINS = 30
TESTED = identifiers(PROTEINS)[20]
AXE = files("axe_playwright_python") / "axe.min.js"  # of requirements-axe.lock
OPEN = "document.querySelectorAll('details').forEach(d => { d.open = true; })"
# What costs minutes and tells nothing: thousands of marks in drawings that are not read aloud, and rows like those above them.
BARE = """document.querySelectorAll('svg[aria-hidden=true]').forEach(svg => svg.replaceChildren());
    document.querySelectorAll('.table tbody tr:nth-child(n + 9)').forEach(row => row.remove())"""
RUN = """axe.run({where!r}, {{resultTypes: ['violations'], {rules}}}).then(
    found => [found.violations.map(v => ({{rule: v.id, impact: v.impact, count: v.nodes.length,
        nodes: v.nodes.slice(0, 4).map(n => [n.html.slice(0, 200), n.failureSummary.slice(0, 400)])}})),
        found.passes.length])"""
ALL, CONTRAST = "", "runOnly: ['color-contrast']"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A page with every question, and axe in it."""
    if find_chromium() is None:
        pytest.skip("no Chromium on this machine")
    path = tmp_path_factory.mktemp("accessible") / "report.html"
    build_page(made_study(PROTEINS), path)
    with Chromium(timeout=300) as browser:
        browser.open(path)
        browser.evaluate(OPEN)
        browser.wait_for("document.querySelector('#figure-length [data-drawn]')")
        browser.evaluate(BARE)
        browser.evaluate(f"{AXE.read_text(encoding='utf-8')}; 0")
        yield browser


@pytest.mark.parametrize(("scheme", "rules"), [("light", ALL), ("dark", CONTRAST)])
@pytest.mark.parametrize("shown", ["#answer", f"#protein={TESTED}"], ids=["report", "protein"])
def test_axe_finds_nothing(reader: Chromium, shown: str, scheme: str, rules: str) -> None:
    """No violation of any rule of axe-core; in the dark, where colours alone differ, of those about contrast."""
    reader.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    reader.evaluate(f"location.hash = {shown!r}")
    reader.wait_for("(report.hidden ? document.querySelector('#protein-page ul a') : report)")
    violations, passed = reader.evaluate(RUN.format(where="html", rules=rules))
    assert violations == [], json.dumps(violations, indent=1, ensure_ascii=False)
    assert passed > (20 if rules == ALL else 0)


def test_axe_sees_what_is_wrong(reader: Chromium) -> None:
    """A button without words and grey words on grey are found: the rules do run."""
    reader.evaluate("location.hash = '#answer'")
    reader.wait_for("!report.hidden")
    reader.evaluate("""document.querySelector('main h1').insertAdjacentHTML('afterend',
        '<div id="wrong"><p style="color:#999;background:#aaa">words</p><button></button></div>')""")
    violations, _ = reader.evaluate(RUN.format(where="#wrong", rules=ALL))
    assert {"color-contrast", "button-name"} <= {v["rule"] for v in violations}
