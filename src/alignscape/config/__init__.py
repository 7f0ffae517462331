"""The typed configuration of a study; unknown keys are errors."""
