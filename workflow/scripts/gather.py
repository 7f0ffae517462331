"""All rows of one encoder in one file."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from alignscape.storage.embeddings import gather

    gather(snakemake.input.shards, snakemake.output.rows)
