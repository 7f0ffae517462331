"""The figures as files, for papers and for Snakemake's own report."""

from alignscape.job import job

with job(log=snakemake.log[0]):
    from pathlib import Path

    from alignscape.report.results import results_of_job
    from alignscape.report.static_figures import draw_figures
    from alignscape.storage.files import write_text

    stamp = Path(snakemake.output.stamp)
    for old in stamp.parent.glob("figures-*"):  # half-drawn figures have none
        old.unlink()
    results = results_of_job(snakemake)
    draw_figures(results, Path(snakemake.output.svg[0]).parent)
    write_text(stamp, "")
