"""The page's own tables to download follow the rule of the files: no text in them is a formula."""

import json
import shutil
import subprocess
from pathlib import Path

import pytest

import alignscape.report
from alignscape.storage.plain_text import to_cell
from tests.storage.test_plain_text import FORMULAS, HARMLESS

SCRIPT = Path(alignscape.report.__file__).parent / "templates" / "tables.js"


@pytest.mark.skipif(shutil.which("node") is None, reason="needs node to run the page's script")
def test_the_page_writes_cells_as_the_files_do() -> None:
    """Formulas, numbers, control characters and marks of direction: the script and `to_cell` agree on every text."""
    texts = [*FORMULAS, *HARMLESS, "a\tb\r\nc", "x\x00\x1by", "r\u202el", "a\u2028b\u0085c"]
    program = f"""
const document = {{ addEventListener() {{}} }};
{SCRIPT.read_text()}
console.log(JSON.stringify([{json.dumps(texts)}.map(cell), tsv(["a", "b"], [[null, -0.5], ["=1", 3]])]));
"""
    done = subprocess.run(["node", "-e", program], capture_output=True, text=True, check=True)
    cells, table = json.loads(done.stdout)
    assert cells == [to_cell(text) for text in texts]
    assert table == "a\tb\n\t-0.5\n'=1\t3\n"
