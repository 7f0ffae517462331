"""The figures as files, for papers and for Snakemake's own report."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from itertools import chain
    from pathlib import Path

    from alignscape.config.load import parse
    from alignscape.questions.registry import describe, labels
    from alignscape.report.figures.printed.draw import draw_figures
    from alignscape.report.results import study_results
    from alignscape.storage.files import write_text

    stamp = Path(snakemake.output.stamp)
    for old in stamp.parent.glob("figures-*"):  # half-drawn figures have none
        old.unlink()
    study = parse(snakemake.config)
    results = study_results(study, dict(snakemake.input.items()), labels=labels(plugins=study.plugins))
    figures = chain(*describe(results).values())
    draw_figures(figures, Path(snakemake.output.svg[0]).parent, columns=study.figure_columns)
    write_text(stamp, "")
