"""The figures as files, for papers and for Snakemake's own report."""

from alignscape.job import job

with job(log=snakemake.log[0]):
    from pathlib import Path

    from alignscape.config import parse
    from alignscape.files import write_text
    from alignscape.report.results import load_results
    from alignscape.report.static_figures import draw_figures

    stamp = Path(snakemake.output.stamp)
    for old in stamp.parent.glob("figures-*"):  # half-drawn figures have none
        old.unlink()
    results = load_results(
        parse(snakemake.config),
        analyses=snakemake.input.analyses,
        facts=[snakemake.input.facts],
        descriptions=[snakemake.input.descriptions],
        ledger=snakemake.input.ledger,
        sidecars=[Path(path).with_suffix(".json") for path in snakemake.input.rows],
        encoder_training=snakemake.params.encoder_training,
    )
    draw_figures(results, Path(snakemake.output.svg[0]).parent)
    write_text(stamp, "")
