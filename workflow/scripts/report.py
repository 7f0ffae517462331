"""The study as a person reads it: one page, and the tables beside it."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from datetime import date
    from pathlib import Path

    from alignscape.config.load import parse
    from alignscape.questions.registry import describe, labels, sections
    from alignscape.report.publish import publish
    from alignscape.report.results import Made, study_results

    study = parse(snakemake.config)
    made = Made(date.today().isoformat(), snakemake.params.config_file)
    results = study_results(study, dict(snakemake.input.items()), labels=labels(plugins=study.plugins), made=made)
    publish(
        results,
        sections=sections(plugins=study.plugins),
        figures=describe(results),
        analyses={Path(path).name.rpartition("-")[0]: Path(path) for path in snakemake.input.analyses},
        ledger=Path(snakemake.input.ledger),
        out={name: Path(path) for name, path in snakemake.output.items()},
    )
