"""Terms explained where they stand."""

from alignscape.report.glossary import glossed


def test_a_stop_stays_with_its_term() -> None:
    """A button may be broken off from what follows, so that a line would begin with the stop."""
    found = glossed("Averaged over seeds; the heads (see seeds) are small.")
    assert ">seeds</button>;</span> the" in found
    assert '<span class="whole"><button' in found
    assert ">heads</button> (see seeds)" in found  # the first use alone, and nothing around it where no stop follows


def test_words_of_a_sentence_stay() -> None:
    """Without the markup the sentence is the same."""
    import re

    said = "The calibrated score, by seeds: S_ii of Spearman's (Holm)."
    assert re.sub("<[^>]*>", "", glossed(said)).replace("&#39;", "'") == said
