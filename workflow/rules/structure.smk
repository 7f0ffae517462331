"""From parsed structures to structure embeddings, with weights trained here where none are to be had."""


rule pretrain:
    input:
        structures=[PLAN.structures(shard) for shard in PLAN.training_shards],
        facts=[PLAN.facts(shard) for shard in PLAN.training_shards],
    output:
        weights=PLAN.results / "weights" / "{encoder}" / "{digest}" / "weights.safetensors",
        card=PLAN.results / "weights" / "{encoder}" / "{digest}" / "weights.json",
    log:
        PLAN.log("pretrain-{encoder}-{digest}"),
    benchmark:
        PLAN.benchmark("pretrain-{encoder}-{digest}")
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        accelerators=1,
        mem_mb=lambda w, attempt: 6000 * attempt,
        runtime=lambda w, attempt: 480 * attempt,
    params:
        encoder_training=PLAN.inputs.encoder_training,
    script:
        "../scripts/pretrain.py"


rule embed_structure:
    input:
        structures=lambda w: PLAN.structures(w.shard),
        weights=PLAN.weights_inputs,
    output:
        rows=PLAN.results / "embeddings" / "{encoder}" / "{digest}" / "{shard}.npy",
        meta=PLAN.results / "embeddings" / "{encoder}" / "{digest}" / "{shard}.json",
    log:
        PLAN.log("embed_structure-{encoder}-{digest}-{shard}"),
    benchmark:
        PLAN.benchmark("embed_structure-{encoder}-{digest}-{shard}")
    wildcard_constraints:
        encoder=PLAN.names(text=False),
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        accelerators=1,
        mem_mb=lambda w, attempt: 6000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    script:
        "../scripts/embed_structure.py"


rule gather:
    input:
        shards=lambda w: PLAN.embedding_shards(w.encoder),
    output:
        rows=PLAN.results / "embeddings" / "{encoder}" / "{digest}" / "all-{content}.npy",
        meta=PLAN.results / "embeddings" / "{encoder}" / "{digest}" / "all-{content}.json",
    log:
        PLAN.log("gather-{encoder}-{digest}-{content}"),
    wildcard_constraints:
        content="[0-9a-f]{12}",
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 20 * attempt,
    script:
        "../scripts/gather.py"
