"""The page's colours as a style sheet: for light, for dark, for paper, from the palette alone."""

from .palette import DARK, ENCODERS, LIGHT, PAPER, legible

MARK = 3.0  # contrast of a mark with its ground (WCAG 2.2, 1.4.11)


def variables(colours: dict[str, str]) -> dict[str, str]:
    """Every variable of a theme: its own colours, and those of encoders and models made legible on its paper."""
    return colours | {f"c-{colour[1:]}": legible(colour, colours["paper"], MARK) for colour in ENCODERS}


def style_sheet() -> str:
    """The rules that set the variables: the system's choice, unless the reader chose; always light on paper."""
    light, dark, paper = (_block(variables(theme)) for theme in (LIGHT, DARK, PAPER))
    return (
        f":root {{ color-scheme: light; {light} }}\n"
        f"@media (prefers-color-scheme: dark) {{ :root:not([data-theme=light]) {{ color-scheme: dark; {dark} }} }}\n"
        f":root[data-theme=dark] {{ color-scheme: dark; {dark} }}\n"
        f"@media print {{ :root, :root[data-theme], :root:not([data-theme=light]) {{ color-scheme: light; {paper} }} }}"
    )


def _block(values: dict[str, str]) -> str:
    return " ".join(f"--{name}: {value};" for name, value in values.items())
