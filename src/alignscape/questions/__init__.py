"""One folder a research question: what it asks of the study, its analysis, its section of the page, its captions."""
