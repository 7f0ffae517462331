"""Embeddings of one group of description shards by one language model or text baseline."""

from alignscape.compute.device import pick_device
from alignscape.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from importlib import import_module
    from pathlib import Path

    from alignscape.config.load import parse
    from alignscape.storage.embeddings import EmbeddingMeta, write_shard
    from alignscape.storage.files import read_jsonl

    study = parse(snakemake.config)
    block = next(b for b in study.all_language_models if b.name == snakemake.wildcards.encoder)
    rows = [row for path in snakemake.input.descriptions for row in read_jsonl(path)]
    adapter = Path(snakemake.input.model[1]).parent if len(snakemake.input.model) > 1 else None
    reference = [row["text"] for path in snakemake.input.reference for row in read_jsonl(path)]
    counted = {"reference": reference} if reference else {}
    embed = import_module(f"alignscape.encoders.text.{block.encoder}").embed_texts
    ids, embeddings, losses, weights = embed(
        block,
        [row["id"] for row in rows],
        [row["text"] for row in rows],
        cache_dir=study.cache_dir,
        device=pick_device(),
        adapter=adapter,
        **counted,
    )
    meta = EmbeddingMeta(
        ids=ids,
        encoder=block.name,
        weights_state=weights.state,
        weights_sha256=weights.sha256,
        weights_source=weights.source,
        dimension=embeddings.shape[1],
        dtype=getattr(block, "dtype", "float32"),
        seed=study.seed,
        losses=losses,
    )
    write_shard(snakemake.output.rows, embeddings, meta)
