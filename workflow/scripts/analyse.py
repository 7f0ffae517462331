"""One research question's answer: a JSON file and its table."""

from alignscape.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from importlib import import_module

    from alignscape.analysis.evidence import load_evidence
    from alignscape.analysis.tables import write
    from alignscape.config.load import parse

    evidence = load_evidence(parse(snakemake.config), **dict(snakemake.input.items()))
    write(snakemake.output.json, import_module(f"alignscape.analysis.{snakemake.params.question}").run(evidence))
