"""How many seeds an error needs."""

ENOUGH = 5  # the simulations of docs/statistics.md keep their limits with so many


def few_seeds(seeds: int) -> str:
    """Why so many trained heads per pair are few, in a sentence without its full stop; "" if they are enough."""
    if seeds >= ENOUGH:
        return ""
    if seeds == 1:
        return f"1 seed per pair says nothing of how much scores vary between trainings: intervals leave that out; use {ENOUGH}"
    return (
        f"{seeds} seeds per pair are few: how much scores vary between trainings is known from {seeds - 1} degrees of freedom "
        f"only, so intervals are wider and more stays undecided; use {ENOUGH}"
    )
