"""Weights of one structure encoder, trained here on the proteins set aside for it."""

from alignscape.compute.device import pick_device, products_in
from alignscape.plan.job import job

GPUS = snakemake.resources.get("accelerators", 0)

with job(log=snakemake.log[0], threads=snakemake.threads, gpus=GPUS, rule=snakemake.rule):
    from pathlib import Path

    from alignscape.alignment.encoder_training import trains_encoders
    from alignscape.config.load import parse
    from alignscape.encoders.structure.weights import initialise
    from alignscape.encoders.training.pretrain import pretrain, save_weights
    from alignscape.proteins.facts import ProteinFacts
    from alignscape.proteins.structure_store import load_structures
    from alignscape.storage.files import read_jsonl

    study = parse(snakemake.config)
    block = next(b for b in study.all_structure_encoders if b.name == snakemake.wildcards.encoder)
    if getattr(block, "backend", "native") != "native":  # another implementation may embed; ours has the gradients
        block = block.model_copy(update={"backend": "native"})
    trains = trains_encoders(
        snakemake.input.clusters, fraction=study.proteins.encoder_training.fraction, seed=study.seed
    )
    structures = [s for path in snakemake.input.structures for s in load_structures(path) if trains(s.id)]
    facts = [ProteinFacts.from_json(row) for path in snakemake.input.facts for row in read_jsonl(path)]
    weights = Path(snakemake.output.weights)
    checkpoint = weights.with_name("checkpoint.safetensors")
    with products_in(block.matmul_precision):
        state, card = pretrain(
            initialise(block, study.seed),
            structures,
            facts,
            config=block.pretraining,
            seed=study.seed,
            device=pick_device(),
            checkpoint=checkpoint,
        )
    save_weights(weights, state, card)
