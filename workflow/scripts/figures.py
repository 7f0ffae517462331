"""The figures as files, for papers and for Snakemake's own report."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from pathlib import Path

    from alignscape.config.load import parse
    from alignscape.questions.registry import labels
    from alignscape.report.results import load_results
    from alignscape.report.static_figures import draw_figures
    from alignscape.storage.files import write_text

    stamp = Path(snakemake.output.stamp)
    for old in stamp.parent.glob("figures-*"):  # half-drawn figures have none
        old.unlink()
    study = parse(snakemake.config)
    results = load_results(
        study,
        analyses=snakemake.input.analyses,
        facts=[snakemake.input.facts],
        descriptions=[snakemake.input.descriptions],
        ledger=snakemake.input.ledger,
        sidecars=[Path(path).with_suffix(".json") for path in snakemake.input.rows],
        encoder_training=Path(snakemake.input.training).read_text(encoding="utf-8").splitlines(),
        labels=labels(plugins=study.plugins),
    )
    draw_figures(results, Path(snakemake.output.svg[0]).parent)
    write_text(stamp, "")
