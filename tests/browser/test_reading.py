"""Reading the page: its length, tables that sort and filter, the way back, search, colours, files of figures."""

from collections.abc import Iterator

import pytest

from tests.helpers.chromium import Chromium, find_chromium
from tests.helpers.made_study import identifiers, made_study
from tests.helpers.whole_page import build_page

TESTED = identifiers(85)[30]
TYPE = "(b => {{ b.value = {!r}; b.dispatchEvent(new Event('input')); }})(document.getElementById('search'))"


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    """A page as large as the demo's, as it opens; shared, since a browser takes seconds to start."""
    if find_chromium() is None:
        pytest.skip("no Chromium on this machine")
    path = tmp_path_factory.mktemp("reader") / "report.html"
    build_page(made_study(85), path)
    with Chromium() as browser:
        browser.open(path)
        yield browser


def test_it_is_short_and_its_menu_is_whole(reader: Chromium) -> None:
    """Under 9,000 pixels at 1280, and no entry of the menu is cut."""
    assert reader.evaluate("document.documentElement.scrollHeight") < 9000
    assert reader.evaluate("(n => n.scrollWidth <= n.clientWidth + 1)(document.querySelector('nav'))")


def test_back_returns_to_the_place_and_the_focus(reader: Chromium) -> None:
    """From a protein's page to the link that led there, not to the top; the page's heading has the focus meanwhile."""
    reader.evaluate("document.querySelectorAll('#dataset details, #rarity details').forEach(d => { d.open = true; })")
    reader.evaluate("""((a) => { a.scrollIntoView({block: 'center', behavior: 'instant'}); a.focus({preventScroll: true}); })(
        document.querySelector('#rarity a[href^="#protein"]'))""")
    before = reader.evaluate("[scrollY, document.activeElement.textContent]")
    reader.evaluate("document.activeElement.click()")
    reader.wait_for("document.activeElement.matches('#protein-page h1')")
    reader.evaluate("history.back()")
    reader.wait_for("!document.getElementById('report').hidden")
    reader.evaluate("new Promise(done => setTimeout(done, 200))")
    y, focus = reader.evaluate("[scrollY, document.activeElement.textContent]")
    assert (abs(y - before[0]) < 2, focus) == (True, before[1])
    assert before[0] > 1000


def test_a_table_sorts_by_its_column_and_says_so(reader: Chromium) -> None:
    """Numbers as numbers, in their groups; aria-sort; the reader's ear is told."""
    column = """[...document.querySelectorAll('table.ranking tbody:last-of-type tr:not(.group-head)')]
        .map(r => Number(r.cells[3].dataset.sort))"""
    press = "document.querySelectorAll('table.ranking thead .sort')[2].click()"
    reader.evaluate(press)
    down = reader.evaluate(column)
    reader.evaluate(press)
    assert down == sorted(down, reverse=True)
    assert reader.evaluate(column) == sorted(down)
    assert (
        reader.evaluate("document.querySelector('table.ranking [aria-sort]').getAttribute('aria-sort')") == "ascending"
    )
    assert "ascending" in reader.evaluate("document.getElementById('said').textContent")
    assert reader.evaluate("document.querySelector('table.ranking tbody').textContent").startswith("Baselines")


def test_a_long_table_filters_by_words(reader: Chromium) -> None:
    """Every word must be in the row; the count is said."""
    reader.evaluate("document.querySelectorAll('#pairs details').forEach(d => { d.open = true; })")
    type_ = """((b) => { b.value = 'gvp before'; b.dispatchEvent(new Event('input')); })(document.querySelector('#pairs .filter input'))"""
    reader.evaluate(type_)
    rows = reader.evaluate(
        "[...document.querySelectorAll('#pairs .filter + .scroll tbody tr:not([hidden])')].map(r => r.textContent)"
    )
    assert len(rows) == 4
    assert all("gvp" in r and "before training" in r for r in rows)


@pytest.mark.parametrize(
    ("words", "count"), [("type lysozyme", 14), ("3.2.1.17", 29), ("hydrolase sapiens ubiquitin", 3)]
)
def test_search_takes_words_in_any_order_keywords_and_ec_numbers(reader: Chromium, words: str, count: int) -> None:
    """All words must be somewhere in id, name, organism, entry, keywords or EC; how many there are is said."""
    reader.evaluate("document.getElementById('search').focus()")
    reader.evaluate(TYPE.format(words))
    reader.wait_for(f"document.getElementById('said').textContent === '{count} found'")
    assert reader.evaluate("document.querySelectorAll('#hits li[id]').length") == min(8, count)


def test_a_proteins_page_has_one_axis_links_and_what_is_known(reader: Chromium) -> None:
    """Zero is at one place in every row; the archive's page is linked; what the weights have seen is said from their states."""
    reader.evaluate(f"location.hash = '#protein={TESTED}'")
    reader.wait_for(f"document.querySelector('#protein-page h1')?.textContent === '{TESTED}'")
    zeros = reader.evaluate("[...document.querySelectorAll('#protein-page .row .zero')].map(l => l.getAttribute('x1'))")
    assert set(zeros) == {"50%"}
    assert (
        reader.evaluate("document.querySelector('#protein-page a[rel]').href")
        == f"https://www.rcsb.org/structure/{TESTED}"
    )
    said = reader.evaluate("document.querySelector('#protein-page .answer').textContent")
    assert "never saw it" in said
    assert "What proteinmpnn, smollm2-135m and gemma3-270m have seen before is not known" in said
    reader.wait_for("document.querySelectorAll('#protein-page ul a').length === 5")
    reader.evaluate("location.hash = '#answer'")
    reader.wait_for("!document.getElementById('report').hidden")


def test_figures_are_saved_as_svg_png_and_tsv(reader: Chromium) -> None:
    """What is seen: words and marks in one SVG, the same as a PNG of three times the size, and the numbers."""
    reader.evaluate(
        "window.saved = []; URL.createObjectURL = b => (saved.push(b), 'data:,'); HTMLAnchorElement.prototype.click = () => {}"
    )
    for kind in ("svg", "png", "tsv"):
        reader.evaluate(f"document.querySelector('#figure-leakage_scores [data-export={kind}]').click()")
    reader.wait_for("saved.length === 3")
    text = reader.evaluate("saved.find(b => b.type.includes('svg')).text()")
    assert "<title>What remains without relatives</title>" in text
    assert text.count("<circle") > 5
    assert "gearnet" in text
    assert "var(--" not in text
    png = reader.evaluate(
        "saved.find(b => b.type === 'image/png').arrayBuffer().then(a => [...new Uint8Array(a).slice(1, 4)])"
    )
    assert bytes(png) == b"PNG"
    lines = reader.evaluate("saved.find(b => b.type.includes('tab')).text()").splitlines()
    assert lines[0].split("\t") == ["panel", "name", "mark", "x", "value", "low", "high"]
    assert len(lines) == 21
    row = next(r for r in made_study(85).questions["leakage"]["side_by_side"] if r["label"] == "gvp × gemma3-270m")
    held_out = next(line.split("\t") for line in lines if "gvp × gemma3-270m\trelatives held out" in line)
    score = row["scores"]["kfold_cluster"]
    assert [float(v) for v in held_out[4:]] == [score[f"calibrated{end}"] for end in ("", "_low", "_high")]


def test_the_theme_is_chosen_by_a_button(reader: Chromium) -> None:
    """Auto, light, dark, and round again, whatever the system says."""
    reader.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": "dark"}])
    ground = "getComputedStyle(document.body).backgroundColor"
    dark = reader.evaluate(ground)
    reader.evaluate("document.getElementById('theme').click()")
    light = reader.evaluate(ground)
    reader.evaluate("document.getElementById('theme').click()")
    assert reader.evaluate(ground) == dark != light
    reader.evaluate("document.getElementById('theme').click()")
    assert reader.evaluate("document.documentElement.dataset.theme ?? 'auto'") == "auto"
    reader.call("Emulation.setEmulatedMedia", features=[])


def test_a_term_is_explained_at_the_keyboard(reader: Chromium) -> None:
    """Focus shows the explanation, which is also the button's description."""
    reader.evaluate("document.querySelector('.answer .term, .method .term').focus()")
    said = reader.evaluate("document.activeElement.dataset.tip")
    reader.wait_for("!document.getElementById('tip').hidden")
    assert reader.evaluate("document.getElementById('tip').textContent") == said
    assert (
        reader.evaluate("document.getElementById(document.activeElement.getAttribute('aria-describedby')).textContent")
        == said
    )
    assert reader.errors == []
