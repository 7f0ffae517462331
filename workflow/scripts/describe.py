"""The descriptions of one shard, a JSON line a protein with the facts it was made from."""

from alignscape.plan.job import job

with job(log=snakemake.log[0]):
    from dataclasses import asdict

    from alignscape.config.load import parse
    from alignscape.descriptions.template import describe_each, description_row
    from alignscape.proteins.facts import ProteinFacts
    from alignscape.storage.files import read_jsonl, write_jsonl

    study = parse(snakemake.config)
    proteins = [ProteinFacts.from_json(row) for row in read_jsonl(snakemake.input.facts)]
    if study.text.source == "table":
        from alignscape.descriptions.own_texts import own_descriptions

        rows, omissions = own_descriptions(study.text, proteins, seed=study.seed)
    else:
        proteins, texts, omissions = describe_each(proteins, drop=study.text.drop)
        writers = ["template"] * len(texts)
    if study.text.describer == "openai":
        from alignscape.descriptions.openai_describer import write_descriptions

        cache = study.cache_dir / "answers"
        written = write_descriptions(study.text.openai, proteins, cache=cache, drop=study.text.drop)
        texts, writers, omissions = written.texts, written.writers, omissions + written.omissions
        print(written.usage.line())
    write_jsonl(snakemake.output.omissions, map(asdict, omissions))
    if study.text.source == "facts":
        rows = [description_row(*row, describer=writer) for *row, writer in zip(proteins, texts, writers, strict=True)]
    write_jsonl(snakemake.output.descriptions, rows)
