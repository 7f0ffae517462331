"""The study as a person reads it: one page, and the tables beside it."""

from alignscape.job import job

with job(log=snakemake.log[0]):
    from pathlib import Path

    from alignscape.report.publish import publish
    from alignscape.report.results import results_of_job

    results = results_of_job(snakemake)
    publish(
        results,
        analyses={Path(path).name.rpartition("-")[0]: Path(path) for path in snakemake.input.analyses},
        ledger=Path(snakemake.input.ledger),
        out={name: Path(path) for name, path in snakemake.output.items()},
    )
