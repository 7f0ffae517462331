"""The research questions, one folder each."""
