"""Embeddings of one shard by one structure encoder."""

from alignscape.compute.device import pick_device
from alignscape.job import job

with job(log=snakemake.log[0], threads=snakemake.threads):
    from pathlib import Path

    from alignscape.config.load import parse
    from alignscape.encoders.structure.embed import embed_structures
    from alignscape.encoders.structure.weights import initialise, load_weights
    from alignscape.proteins.structure_store import load_structures
    from alignscape.storage.embeddings import EmbeddingMeta, write_shard

    study = parse(snakemake.config)
    block = next(b for b in study.all_structure_encoders if b.name == snakemake.wildcards.encoder)
    encoder = initialise(block, study.seed)
    trained = Path(snakemake.input.weights[0]) if snakemake.input.weights else None
    weights = load_weights(encoder, block, cache_dir=study.cache_dir, seed=study.seed, trained=trained)
    structures = load_structures(snakemake.input.structures)
    ids, rows, losses = embed_structures(
        encoder, structures, residue_budget=block.residue_budget, device=pick_device(), name=block.name
    )
    meta = EmbeddingMeta(
        ids=ids,
        encoder=block.name,
        weights_state=weights.state,
        weights_sha256=weights.sha256,
        weights_source=weights.source,
        dimension=encoder.dimension,
        dtype="float32",
        seed=study.seed,
        losses=losses,
        notes=weights.card,
    )
    write_shard(snakemake.output.rows, rows, meta)
