"""docs/outputs.md names every file that a finished study leaves, and no other, and has a section for each question."""

import re
from collections.abc import Iterator
from pathlib import Path

from alignscape.plan.alignment_jobs import pair_files
from alignscape.questions.registry import questions

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs/outputs.md").read_text(encoding="utf-8")
OF_THE_RULES = {"content": "digest", "name": "figure"}  # wildcards and variables that the page calls otherwise
# What the plan says the path of, and what jobs leave beside their rule's output.
BY_THE_PLAN = {"PLAN.published()": "<study>/logs/published-<digest>", "PLAN.all_checks()": "checks/all-<digest>.json"}
BESIDE = {"checks/<encoder>/<digest>.json", *map(str, pair_files(Path("alignment/<gdm>/<llm>/<label>-<digest>.npz")))}


def as_on_the_page(path: str) -> str:
    """A path as a rule writes it: RESULTS / "text" / PLAN.description_digest / "{shard}.jsonl"."""
    root, *parts = path.split(" / ")
    found = [] if root == "RESULTS" else ["<study>"]
    for part in parts:
        quoted = re.fullmatch(r'f?"(.*)"', part)
        text = re.sub(r"\{PLAN\.[^}]*\}", "<digest>", quoted[1]) if quoted else "<digest>"
        found.append(re.sub(r"\{(\w+)\}", lambda name: f"<{OF_THE_RULES.get(name[1], name[1])}>", text))
    return "/".join(found)


def blocks(word: str) -> Iterator[str]:
    """What stands under a word of the rules, as `output`."""
    for rules in sorted((ROOT / "workflow/rules").glob("*.smk")):
        for _, block in re.findall(rf"^( *){word}:\n((?:\1 {{4}}.*\n)+)", rules.read_text(encoding="utf-8"), re.M):
            yield block


def paths(block: str) -> set[str]:
    return {as_on_the_page(path) for path in re.findall(r'(?:RESULTS|STUDY)(?: / (?:f?"[^"]*"|[\w.]+))+', block)}


def test_every_file_is_named_and_every_name_is_a_file() -> None:
    written = set(BESIDE)
    for block in blocks("output"):
        written |= paths(block) | {BY_THE_PLAN[call] for call in re.findall(r"=(PLAN\.\w+\(\))", block)}
    table = PAGE.partition("\n## Files\n")[2].partition("\n## ")[0]
    named = [name for row in re.findall(r"^\| (.+?) \|", table, re.M)[1:] for name in re.findall("`(.+?)`", row)]
    files = [name for name in named if not name.endswith("/")]
    assert (sorted(written - {*files}), sorted({*files} - written)) == ([], [])
    assert len(files) == len(written)
    folders = {
        f"{Path(path).parent}/" for word in ("log", "benchmark") for path in set().union(*map(paths, blocks(word)))
    }
    assert folders == {name for name in named if name.endswith("/")}


def test_every_question_has_a_section() -> None:
    sections = re.findall(r"^## (\w+)", PAGE, re.M)
    assert {*sections} - {"Files", "Analyses"} == {*questions(plugins=False)}
