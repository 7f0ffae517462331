"""The study as a person reads it: one page, and the tables beside it."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from pathlib import Path

    from alignscape.config.load import parse
    from alignscape.questions.registry import labels, sections
    from alignscape.report.publish import publish
    from alignscape.report.results import load_results

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
    publish(
        results,
        sections=sections(plugins=study.plugins),
        analyses={Path(path).name.rpartition("-")[0]: Path(path) for path in snakemake.input.analyses},
        ledger=Path(snakemake.input.ledger),
        out={name: Path(path) for name, path in snakemake.output.items()},
    )
