"""The picture of the house is that of the code, and is drawn from the imports alone."""

import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tools.draw_house import PICTURE, ROOT, Room, direct, draw, heights, rooms

MADE = {
    "src/alignscape/__init__.py": "from . import top",
    "src/alignscape/top.py": '"""The top."""\nfrom .middle import inner\nfrom . import low',
    "src/alignscape/middle/__init__.py": '"""The middle."""\n',
    "src/alignscape/middle/inner.py": "from . import other\ndef f():\n    from ..low import name\n    import numpy",
    "src/alignscape/middle/other.py": "",
    "src/alignscape/low.py": "",
    "workflow/scripts/job.py": "from alignscape.top import main\nimport alignscape.low",
}


def made(folder: Path) -> dict[str, Room]:
    for name, text in MADE.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text)
    return rooms(folder)


def test_the_picture_is_that_of_the_code() -> None:
    assert PICTURE.read_text(encoding="utf-8") == draw(rooms(ROOT)), "python tools/draw_house.py draws it anew"


def test_a_room_imports_what_its_modules_import_also_inside_functions(tmp_path: Path) -> None:
    found = made(tmp_path)
    assert {name: room.imports for name, room in found.items()} == {
        "low": set(),
        "middle": {"low"},
        "top": {"low", "middle"},
        "workflow": {"low", "top"},
    }
    assert (found["top"].about, found["middle"].about, found["low"].about) == ("The top.", "The middle.", "")


def test_lines_leave_out_what_follows_from_others(tmp_path: Path) -> None:
    assert direct(made(tmp_path)) == [("middle", "low"), ("top", "middle"), ("workflow", "top")]


def test_every_room_stands_above_all_that_it_imports() -> None:
    found = rooms(ROOT)
    height = heights(found)
    assert len(found) > 10
    assert [(a, b) for a, room in found.items() for b in room.imports if height[a] <= height[b]] == []


def test_a_circle_of_rooms_is_named() -> None:
    with pytest.raises(ValueError, match=r"rooms import each other: (a -> b -> a|b -> a -> b)"):
        heights({"a": Room("", {"b"}), "b": Room("", {"a"})})


def test_the_picture_names_every_room_draws_every_line_and_escapes_text() -> None:
    found = {"a": Room("One <b> & two.", {"b", "c"}), "b": Room("", {"c"}), "c": Room("")}
    svg = ElementTree.fromstring(draw(found))
    space = "{http://www.w3.org/2000/svg}"
    texts = [text.text for text in svg.iter(f"{space}text")]
    assert texts == ["a", "One <b> & two", "b", "c"]
    assert len(svg.findall(f"{space}path")) == len(direct(found)) == 2
    assert "prefers-color-scheme: dark" in str(svg.findtext(f"{space}style"))
    assert re.findall(r"https?://(?!www\.w3\.org/2000/svg)", draw(found)) == []


def test_words_that_do_not_fit_a_box_are_refused() -> None:
    with pytest.raises(ValueError, match="more than two lines"):
        draw({"a": Room("word " * 30)})
