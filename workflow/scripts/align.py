"""Two heads for one (GDM, LLM) pair: trained, scored under every split, kept."""

from alignscape.compute.device import pick_device
from alignscape.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from pathlib import Path

    from alignscape.alignment.heads import save_heads
    from alignscape.alignment.pair import PairName, align_pair, negative_groups
    from alignscape.alignment.split import load_splits
    from alignscape.alignment.study_split import load_clusters
    from alignscape.config.load import parse
    from alignscape.config.study import Variant
    from alignscape.storage.embeddings import gather, read_meta
    from alignscape.storage.files import read_jsonl

    study = parse(snakemake.config)
    variant = Variant(**snakemake.params.variant)
    splits = load_splits(snakemake.input.splits)
    listed = next(iter(splits.values())).ids
    both = set.intersection(*(set(read_meta(path).ids) for path in (snakemake.input.structure, snakemake.input.text)))
    ids = [id_ for id_ in listed if id_ in both]
    structure, text = (gather([path], ids)[0] for path in (snakemake.input.structure, snakemake.input.text))
    texts = {row["id"]: row["text"] for row in read_jsonl(snakemake.input.descriptions)}
    groups = negative_groups(variant, ids, texts=texts, clusters=load_clusters(Path(snakemake.input.clusters)))
    result, heads, card = align_pair(
        structure,
        text,
        ids,
        splits,
        config=study.alignment,
        variant=variant,
        seed=study.seed,
        name=PairName(snakemake.wildcards.structure, snakemake.wildcards.text, snakemake.wildcards.variant),
        groups=groups,
        device=pick_device(),
    )
    save_heads(snakemake.output.heads, heads, card)
    result.save(snakemake.output.scores)
