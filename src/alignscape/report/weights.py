"""What is said of the weights of an encoder, from their state; a state that this page does not know is said as it is."""

from .results import StudyResults

SAID = {
    "pretrained": "published",
    "shipped": "shipped with alignscape",
    "given": "given by you",
    "trained here": "trained here",
    "random": "random",
    "none": "without weights",
}
NEVER_SAW = frozenset({"trained here", "random", "none"})  # states whose weights hold no tested protein


def said_of(state: str) -> str:
    """The state in plain words."""
    return SAID.get(state, state)


def states(results: StudyResults, side: str) -> dict[str, str]:
    """State of the weights of each main encoder of a side (`gdm` or `llm`)."""
    rows = (r for r in results.rows("pairs") if r[f"{side}_role"] == "main")
    return {r[side]: str(r[f"{side}_weights"] or "none") for r in rows}


def never_trained(results: StudyResults) -> str:
    """What is known of whether the encoders that scored a tested protein had seen it, in a sentence or two."""
    found = {side: states(results, side) for side in ("gdm", "llm")}
    trained = [name for name, state in found["gdm"].items() if state == "trained here"]
    listed = [name for name, state in found["gdm"].items() if state == "shipped"]
    both = [(name, state) for names in found.values() for name, state in names.items()]
    perhaps = [name for name, state in both if state not in NEVER_SAW and name not in listed]
    heads = "The heads that scored it never saw it"
    also = f", nor did {_names(trained)}, trained here on other proteins" if trained else ""
    return f"{heads}{also}.{_listed(listed)}{_may(perhaps)}"


def _listed(names: list[str]) -> str:
    """Of weights that ship with the list of what they were trained on, whose relatives a cluster split keeps out of its tests."""
    if not names:
        return ""
    return f" What {_names(names)} learned from ships with alignscape: with relatives held out, no relative of it is tested."


def _may(perhaps: list[str]) -> str:
    if not perhaps:
        return ""
    have = "has" if len(perhaps) == 1 else "have"
    return f" What {_names(perhaps)} {have} seen before is not known: their weights may come from training on this protein or on texts about it."


def _names(names: list[str]) -> str:
    return " and ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)
