"""The typed configuration of a study. Unknown keys are errors; every key carries its own description."""
