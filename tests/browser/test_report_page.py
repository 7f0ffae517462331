"""The report in a real browser: silent, alone, legible, and it answers to mouse and keyboard."""

import time
from itertools import pairwise
from pathlib import Path

import pytest

from tests.helpers.chromium import Chromium
from tests.helpers.made_study import NASTY, identifiers, made_study, only
from tests.helpers.whole_page import build_page

TESTED = identifiers(120)[30]
PROTEIN = "document.getElementById('protein-page')"
CLOUD = "document.querySelector('#figure-length .panel:not([hidden]) .cloud')"
SEARCH = (
    "(b => {{ b.focus(); b.value = {!r}; b.dispatchEvent(new Event('input')); }})(document.getElementById('search'))"
)
WIDER = """[...document.querySelectorAll('main *')].filter(e =>
    e.getBoundingClientRect().right > innerWidth + 1 && !e.closest('.scroll, .wide, pre') && !e.closest('svg'))
    .map(e => e.outerHTML.slice(0, 90))"""


def alone(browser: Chromium, path: Path) -> bool:
    """Whether the browser asked for nothing but the page itself."""
    return set(browser.requests) <= {path.resolve().as_uri()}


def test_it_opens_silently_and_asks_for_nothing(page: Chromium, report: Path) -> None:
    """No console error or warning, no request, and the study's own title, whatever molecules are called."""
    for fragment in ("#length", "#chains", f"#protein={TESTED}", "#answer", "#protein=%E0%A4%A"):
        page.evaluate(f"location.hash = {fragment!r}")
        time.sleep(0.1)
    assert page.errors == []
    assert alone(page, report)
    assert page.evaluate("document.querySelector('main h1').textContent") == "Alignment of structure and language: made"
    assert not page.evaluate("[...document.scripts].some(s => s.textContent.includes('stolen') && !s.type)")


@pytest.mark.parametrize("width", [320, 390, 768, 1280, 1920])
def test_nothing_sticks_out(page: Chromium, width: int) -> None:
    """No horizontal scrolling of the page, at any width; wide tables scroll inside their frame."""
    page.resize(width, 844, mobile=width < 500)
    page.evaluate("document.querySelectorAll('details').forEach(d => { d.open = true; })")
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    assert page.evaluate(WIDER) == []


@pytest.mark.parametrize("width", [390, 1280])
def test_a_frame_that_scrolls_sideways_says_so(page: Chromium, width: int) -> None:
    """Every one that does, and none that does not."""
    page.resize(width, 844, mobile=width < 500)
    page.evaluate("new Promise(done => requestAnimationFrame(() => setTimeout(done, 50)))")
    frames = page.evaluate("""[...document.querySelectorAll('.scroll, .wide, .cards-on-phone')].filter(f => f.clientWidth).map(f => {
        const sign = f.parentElement.querySelector(':scope > .sideways');
        return [f.getAttribute('aria-label'), f.scrollWidth > f.clientWidth + 1, Boolean(sign && sign.offsetHeight)];
    })""")
    assert [frame for frame in frames if frame[1] != frame[2]] == []
    assert {frame[1] for frame in frames} == {True, False}


def test_on_a_phone_a_finding_has_one_margin(page: Chromium) -> None:
    """What is claimed begins where its number does, and the titles stand below one another."""
    page.resize(390, 844, mobile=True)
    edges = page.evaluate("""[...document.querySelectorAll('#findings .cards-on-phone tbody tr:first-child td')].filter(cell => cell.offsetParent).map(cell => {
        const style = getComputedStyle(cell);
        return cell.getBoundingClientRect().left + parseFloat(style.paddingLeft);
    })""")
    assert len(edges) >= 5
    assert len(set(edges)) == 1


@pytest.mark.parametrize("width", [390, 1280])
def test_text_is_large_enough_to_read(page: Chromium, width: int) -> None:
    """No visible text below 10 CSS pixels: drawings do not shrink with the page."""
    page.resize(width, 844, mobile=width < 500)
    smallest = """Math.min(...[...document.querySelectorAll('main *')]
        .filter(e => [...e.childNodes].some(n => n.nodeType === 3 && n.textContent.trim()) && e.getClientRects().length)
        .map(e => parseFloat(getComputedStyle(e).fontSize)))"""
    assert page.evaluate(smallest) >= 10


def test_a_protein_has_its_page(page: Chromium) -> None:
    """Reached by its id in any case; facts, description and one score per pair; the way back is the report."""
    page.evaluate(f"location.hash = '#protein={TESTED.lower()}'")
    page.wait_for(f"!{PROTEIN}.hidden && {PROTEIN}.querySelector('.tracks')")
    assert page.evaluate(f"{PROTEIN}.querySelector('h1').textContent") == TESTED
    assert page.evaluate("document.title").startswith(TESTED)
    assert page.evaluate(f"{PROTEIN}.querySelectorAll('[role=listitem]').length") == 10
    results = made_study(120, nasty=True)
    assert page.evaluate(f"{PROTEIN}.querySelector('blockquote').textContent") == results.descriptions[TESTED]
    row = next(r for r in results.rows("proteins") if r["id"] == TESTED)
    shown = page.evaluate(f"{PROTEIN}.querySelector('.row .value').textContent")
    assert float(shown.split(" ")[0].replace("−", "-")) == pytest.approx(row["gearnet × smollm2-135m"], abs=6e-4)
    page.evaluate(f"{PROTEIN}.querySelector('.back a').click()")
    page.wait_for(f"{PROTEIN}.hidden && !document.getElementById('report').hidden")


def test_a_page_opened_at_a_protein_shows_it(chromium: Chromium, report: Path) -> None:
    """A link to one protein can be passed on."""
    chromium.open(report, fragment=f"#protein={TESTED}")
    chromium.wait_for(f"{PROTEIN}.querySelector('h1')")
    assert chromium.evaluate("document.getElementById('report').hidden")


def test_a_lost_protein_says_why_and_an_unknown_one_that_it_is_unknown(page: Chromium) -> None:
    """The ledger's line, as text."""
    page.evaluate("location.hash = '#protein=142D'")
    page.wait_for(f"{PROTEIN}.textContent.includes(\"begins with '<!DOCTYPE html>'\")")
    page.evaluate("location.hash = '#protein=' + encodeURIComponent('<b>x</b>')")
    page.wait_for(f"{PROTEIN}.textContent.includes('no protein of that id')")
    assert page.evaluate(f"{PROTEIN}.querySelector('h1').innerHTML") == "&lt;b&gt;x&lt;/b&gt;"


def test_names_are_shown_as_they_are(page: Chromium) -> None:
    """Every nasty name is text on its protein's page, and nothing else."""
    for k, name in enumerate(NASTY):
        page.evaluate(f"location.hash = '#protein={identifiers(120)[k]}'")
        page.wait_for(f"{PROTEIN}.querySelector('h1').textContent === '{identifiers(120)[k]}'")
        shown = page.evaluate(f"{PROTEIN}.querySelector('.facts dd').textContent")
        assert shown.startswith(name), name
        assert page.evaluate(f"{PROTEIN}.querySelectorAll('script, img, b').length") == 0
    assert page.errors == []


def test_the_search_box_works_with_the_keyboard(page: Chromium) -> None:
    """Letters, down, Enter: the second protein found is shown."""
    page.evaluate("document.getElementById('search').focus()")
    page.evaluate(
        "(b => { b.value = 'lactamase'; b.dispatchEvent(new Event('input')); })(document.getElementById('search'))"
    )
    page.wait_for("document.querySelectorAll('#hits [role=option]').length > 1")
    second = page.evaluate("document.querySelectorAll('#hits strong')[1].textContent")
    page.press("ArrowDown", code=40)
    page.press("Enter", code=13)
    page.wait_for(f"!{PROTEIN}.hidden")
    assert page.evaluate("decodeURIComponent(location.hash)") == f"#protein={second}"


def test_points_answer_to_mouse_and_keyboard(page: Chromium) -> None:
    """A protein under the pointer is named; arrow keys go from one to the next; Enter opens its page."""
    page.resize(1700, 900)  # so that the box with the name has room on both sides of the first point
    page.evaluate(
        "document.querySelector('#figure-length .cloud').scrollIntoView({block: 'center', behavior: 'instant'})"
    )
    page.evaluate("document.querySelector('#figure-length .cloud').focus()")
    page.evaluate("new Promise(done => setTimeout(() => requestAnimationFrame(done), 300))")  # scrolling hides the tip
    page.press("ArrowRight", code=39)
    first = page.evaluate("document.getElementById('tip').textContent")
    assert page.evaluate("document.getElementById('said').textContent") == f"{first}, 1 of 96"
    assert first.split(" · ")[0] in identifiers(120)
    place = page.evaluate(
        "(b => [b.left + b.width / 2, b.bottom + 17])(document.getElementById('tip').getBoundingClientRect())"
    )
    page.press("ArrowRight", code=39)
    assert page.evaluate("document.getElementById('tip').textContent") != first
    page.press("Escape", code=27)
    page.move_to(5, 400)
    page.move_to(*place)
    page.wait_for("!document.getElementById('tip').hidden")
    page.press("Enter", code=13)
    page.wait_for(f"!{PROTEIN}.hidden")


def test_choices_change_what_is_drawn(page: Chromium) -> None:
    """Another language model, another axis."""
    labels = """[...document.querySelectorAll('#figure-length .panel:not([hidden]) .cloud')]
        .map(c => c.getAttribute('aria-label')).join()"""
    before = page.evaluate(labels)
    assert "smollm2-135m: match with its own text against length" in before
    choose = """((s, v) => {{ s.value = v; s.dispatchEvent(new Event('change')); }})(
        document.querySelectorAll('#figure-length select')[{}], '{}')"""
    page.evaluate(choose.format(0, "gemma3-270m"))
    page.evaluate(choose.format(1, "identity"))
    after = page.evaluate(labels)
    assert "gemma3-270m: match with its own text against identity" in after
    assert "smollm2" not in after


def test_tables_are_saved_whole(page: Chromium) -> None:
    """A button gives a TSV with all columns and rows; the proteins' one has every score."""
    page.evaluate("window.saved = []; URL.createObjectURL = b => (b.text().then(t => saved.push(t)), 'data:,')")
    page.evaluate("HTMLAnchorElement.prototype.click = () => {}")
    page.evaluate("document.querySelector('[data-table=pairs]').click()")
    page.wait_for("saved.length === 1")
    results = made_study(120, nasty=True)
    lines = page.evaluate("saved[0]").splitlines()
    assert lines[0].split("\t") == list(results.rows("pairs")[0])
    assert len(lines) == 1 + len(results.rows("pairs"))
    assert {len(line.split("\t")) for line in lines} == {len(lines[0].split("\t"))}


def test_everything_has_a_name(page: Chromium) -> None:
    """Drawings, tables, controls and regions are labelled; headings do not skip a level; the language is stated."""
    unnamed = """[...document.querySelectorAll('.cloud, svg[role=img], [role=region], table')].filter(e =>
        !(e.getAttribute('aria-label') || e.querySelector(':scope > caption'))).map(e => e.outerHTML.slice(0, 90))"""
    assert page.evaluate(unnamed) == []
    controls = """[...document.querySelectorAll('button, input, select, a')].filter(e => !(e.getAttribute('aria-label')
        || e.textContent.trim() || (e.labels && e.labels.length))).map(e => e.outerHTML)"""
    assert page.evaluate(controls) == []
    levels = page.evaluate("[...document.querySelectorAll('main :is(h1, h2, h3, h4)')].map(h => Number(h.tagName[1]))")
    assert all(b - a <= 1 for a, b in pairwise(levels))
    assert page.evaluate("document.documentElement.lang") == "en"
    ids = page.evaluate("[...document.querySelectorAll('[id]')].map(e => e.id)")
    assert len(ids) == len(set(ids))


def test_it_prints(page: Chromium) -> None:
    """On paper: black on white, no menu, several pages."""
    page.call("Emulation.setEmulatedMedia", media="print")
    assert page.evaluate("getComputedStyle(document.getElementById('top')).display") == "none"
    assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
    page.evaluate("document.documentElement.dataset.theme = 'dark'")  # whatever is chosen on the screen
    assert page.evaluate("getComputedStyle(document.body).color") == "rgb(0, 0, 0)"
    assert page.evaluate("getComputedStyle(document.querySelector('.cloud .tick')).fill") == "rgb(68, 68, 68)"
    shown = "[...document.querySelectorAll('#pairs details:not(.more) th')].filter((h) => getComputedStyle(h).display !== 'none').length"
    assert page.evaluate(shown) == 10  # of 21: as many as a page has room for
    assert len(page.call("Page.printToPDF", printBackground=True)["data"]) > 50_000


def test_a_study_of_pairs_alone_opens_as_well(chromium: Chromium, tmp_path: Path) -> None:
    """Without proteins, without any other question."""
    build_page(only(made_study(40), "pairs"), tmp_path / "report.html")
    chromium.open(tmp_path / "report.html", fragment="#protein=1UBQ")
    chromium.wait_for(f"{PROTEIN}.textContent.includes('no protein of that id')")
    assert chromium.errors == []


@pytest.mark.slow
def test_twenty_thousand_proteins_stay_small_and_quick(chromium: Chromium, tmp_path: Path) -> None:
    """Under 15 MB; all open and every point drawn in under 5 s; a search, a filter, a point and a protein answer in under 2 s."""
    path = tmp_path / "report.html"
    build_page(made_study(20_000), path)
    assert path.stat().st_size < 15e6
    protein = f"location.hash = '#protein={identifiers(20_000)[-1]}'"
    asked = {
        "open": "document.querySelectorAll('details').forEach(d => { d.open = true; })",
        "search": SEARCH.format("lysozyme coli"),
        "filter": "(b => { b.value = 'gvp untrained'; b.dispatchEvent(new Event('input')); })"
        "(document.querySelector('#pairs .filter input'))",
        "point": f"{CLOUD}.dispatchEvent(new KeyboardEvent('keydown', {{key: 'End'}}))",
        "protein": protein,
    }
    answered = {
        "open": "document.querySelector('#figure-length canvas')",
        "search": "document.querySelectorAll('#hits li[id]').length === 8",
        "filter": "document.querySelectorAll('#pairs tbody tr[hidden]').length > 10",
        "point": "document.getElementById('said').textContent.includes('16000 of 16000')",
        "protein": f"{PROTEIN}.querySelector('.tracks')",
    }
    took = {}
    began = time.monotonic()
    chromium.open(path)
    for what, action in asked.items():
        chromium.evaluate(action)
        chromium.wait_for(answered[what])
        took[what], began = round(time.monotonic() - began, 2), time.monotonic()
    print(f"{path.stat().st_size / 1e6:.1f} MB, {took}")
    chromium.evaluate("history.back()")
    chromium.wait_for("!document.getElementById('report').hidden")
    chromium.evaluate("window.saved = []; URL.createObjectURL = b => (b.text().then(t => saved.push(t)), 'data:,')")
    chromium.evaluate("document.querySelector('#figure-length [data-export=svg]').click()")
    chromium.wait_for("saved.length")
    assert chromium.evaluate("saved[0].split('<image').length") == 6  # points of five pairs, as pictures
    assert took.pop("open") < 5, took
    assert max(took.values()) < 2, took
    assert chromium.errors == []
