"""From parsed structures to structure embeddings, with weights trained here where none are to be had."""


rule pretrain:
    input:
        structures=expand(rules.parse.output.structures, shard=PLAN.training_shards),
        facts=expand(rules.parse.output.facts, shard=PLAN.training_shards),
        clusters=PLAN.training_clusters,
    output:
        weights=RESULTS / "weights" / "{encoder}" / "{digest}" / "weights.safetensors",
        card=RESULTS / "weights" / "{encoder}" / "{digest}" / "weights.json",
    log:
        STUDY / "logs" / "pretrain-{encoder}-{digest}.log",
    benchmark:
        STUDY / "benchmarks" / "pretrain-{encoder}-{digest}.tsv"
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        accelerators=1,
        mem_mb=lambda w, attempt: 6000 * attempt,
        runtime=lambda w, attempt: 480 * attempt,
    script:
        "../scripts/pretrain.py"


rule prepare_weights:
    output:
        note=RESULTS / "models" / "weights-{digest}.json",
    log:
        STUDY / "logs" / "prepare_weights-{digest}.log",
    conda:
        "../../envs/alignscape.yaml"
    resources:
        network=1,
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=lambda w, attempt: 120 * attempt,
    params:
        encoder=lambda w: PLAN.encoder_of_digest(w.digest),
    script:
        "../scripts/prepare_weights.py"


rule embed_structure:
    input:
        structures=lambda w: expand(rules.parse.output.structures, shard=PLAN.groups(w.encoder)[w.shard]),
        weights=PLAN.weights_inputs,
        official=PLAN.official_inputs,
    output:
        rows=RESULTS / "embeddings" / "{encoder}" / "{digest}" / "{shard}.npy",
        meta=RESULTS / "embeddings" / "{encoder}" / "{digest}" / "{shard}.json",
    log:
        STUDY / "logs" / "embed_structure-{encoder}-{digest}-{shard}.log",
    benchmark:
        STUDY / "benchmarks" / "embed_structure-{encoder}-{digest}-{shard}.tsv"
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


use rule embed_structure as embed_structure_cpu with:
    wildcard_constraints:
        encoder=PLAN.names(text=False, gpu=False),
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,


rule check_encoders:
    input:
        weights=PLAN.check_inputs(),
    output:
        found=PLAN.all_checks(),
    log:
        STUDY / "logs" / "check_encoders.log",
    benchmark:
        STUDY / "benchmarks" / "check_encoders.tsv"
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        accelerators=1,
        mem_mb=lambda w, attempt: 6000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        encoders=PLAN.check_settings(),
    script:
        "../scripts/check_encoders.py"


rule gather:
    input:
        shards=lambda w: PLAN.embedding_shards(w.encoder),
    output:
        rows=RESULTS / "embeddings" / "{encoder}" / "{digest}" / "all-{content}.npy",
        meta=RESULTS / "embeddings" / "{encoder}" / "{digest}" / "all-{content}.json",
    log:
        STUDY / "logs" / "gather-{encoder}-{digest}-{content}.log",
    wildcard_constraints:
        content="[0-9a-f]{12}",
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 20 * attempt,
    script:
        "../scripts/gather.py"
