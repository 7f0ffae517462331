"""The ledger: every protein that was left out, at which stage, by which encoders, and why."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from alignscape.storage.embeddings import read_meta
    from alignscape.storage.files import read_jsonl
    from alignscape.storage.ledger import Omission, write_ledger

    files = [*snakemake.input.omissions, snakemake.input.eligibility]
    omissions = [Omission(**row) for path in files for row in read_jsonl(path)]
    omissions += [omission for path in snakemake.input.rows for omission in read_meta(path).omissions]
    omissions += [Omission(**line) for line in snakemake.params.not_read]
    write_ledger(snakemake.output.ledger, omissions)
