"""The rows of all shards in one file, sorted by id."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from alignscape.storage.files import read_jsonl, write_jsonl

    rows = [row for path in snakemake.input for row in read_jsonl(path)]
    write_jsonl(snakemake.output[0], sorted(rows, key=lambda row: row["id"]))
