"""The rows of all shards in one file, sorted by id."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from alignscape.storage.files import collect_jsonl

    collect_jsonl(snakemake.input, snakemake.output[0])
