"""Table 1 on the page says the same as the headline: the calibrated score first, the paper's beside it."""

import re

from alignscape.questions.pairs.section import section
from alignscape.report.answer.ranking import ranking
from alignscape.report.numbers import fixed
from tests.helpers.made_study import made_study


def test_the_highest_number_is_the_headlines() -> None:
    results = made_study(30)
    top = ranking(results).main[0].row
    table = str(section(results).lead)
    bold = re.findall(r"<strong>([^<]*)</strong>", table)
    assert fixed(top["calibrated"]) in bold
    assert len(bold) == 2  # one for each language model
    assert f"paper&#39;s {fixed(top['score'])}, before" in table
