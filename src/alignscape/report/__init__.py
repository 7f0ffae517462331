"""The page and the figures, made from the study's results."""
