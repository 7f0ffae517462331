"""How a pair is written: broken after the sign between its names, never inside one."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from .markup import join, tag

SPLITS = {
    "random": "random split",
    "cluster": "split by sequence cluster",
    "kfold": "k-fold, random",
    "kfold_cluster": "k-fold, by sequence cluster",
}


def pair_label(pair: Mapping[str, Any], *, colour: str | None = None, strong: bool = False) -> Markup:
    """`gdm × llm` of a row with these keys; behind a dot of the GDM's colour if one is given."""
    dot = {"cls": "gdm whole", "style": f"--c:{colour}"} if colour else {"cls": "whole"}
    names = join(tag("span", pair["gdm"], " ×", **dot), " ", tag("span", pair["llm"], cls="whole"))
    return tag("strong", names) if strong else names
