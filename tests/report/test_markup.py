"""Elements are what they say, and what comes in as text stays text."""

from html.parser import HTMLParser
from urllib.parse import unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st
from markupsafe import Markup

from alignscape.report.markup import join, percent, protein_link, tag


class Reader(HTMLParser):
    """Collects elements, attributes and text."""

    def __init__(self) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, name: str, attributes: list[tuple[str, str | None]]) -> None:
        self.elements.append((name, dict(attributes)))

    def handle_data(self, data: str) -> None:
        self.text += data


@given(st.text(alphabet=st.characters(exclude_characters="\0\r", exclude_categories=("Cs",))))
def test_any_text_is_read_back_as_text_and_attribute(text: str) -> None:
    """Whatever a name holds, a parser finds one element with that text and that attribute."""
    reader = Reader()
    reader.feed(tag("p", text, data_tip=text))
    reader.close()
    assert reader.elements == [("p", {"data-tip": text})]
    assert reader.text == text


def test_absent_attributes_and_children_leave_no_trace() -> None:
    """None and False are left out; True is an attribute without a value."""
    assert tag("div", None, "a", cls=None, hidden=False, open=True) == "<div open>a</div>"


def test_elements_nest_unescaped() -> None:
    """An element inside an element is kept, text beside it is escaped."""
    assert join(tag("b", "<"), "&") == Markup("<b>&lt;</b>&amp;")


@pytest.mark.parametrize(("value", "text"), [(0.0, "0%"), (33.333, "33.33%"), (100.0, "100%"), (-2.5, "-2.5%")])
def test_percentages_are_short(value: float, text: str) -> None:
    """Coordinates carry two digits at most."""
    assert percent(value) == text


@given(st.text(st.characters(exclude_characters="\0\r", exclude_categories=("Cs",)), min_size=1))
def test_a_link_to_a_protein_holds_its_id(id_: str) -> None:
    """As the page's script decodes it: also `4HHB:A%2C`, of a chain called `A,`."""
    reader = Reader()
    reader.feed(protein_link(id_))
    ((_, attributes),) = reader.elements
    assert unquote(str(attributes["href"]).removeprefix("#protein=")) == id_ == reader.text
