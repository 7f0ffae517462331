"""One research question's answer: a JSON file and its table."""

from alignscape.plan.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from alignscape.config.load import parse
    from alignscape.questions.evidence.evidence import load_evidence
    from alignscape.questions.evidence.tables import write
    from alignscape.questions.registry import analyse

    study = parse(snakemake.config)
    evidence = load_evidence(study, **(dict(snakemake.input.items()) | {"pairs": snakemake.params.pairs}))
    write(snakemake.output.json, analyse(snakemake.params.question, evidence, plugins=study.plugins))
