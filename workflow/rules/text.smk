"""From facts to descriptions, and from descriptions to text embeddings."""


rule describe:
    input:
        facts=PLAN.facts(),
    output:
        descriptions=PLAN.descriptions(),
        losses=PLAN.description_losses(),
    log:
        PLAN.log("describe-{shard}"),
    conda:
        "../../envs/alignscape.yaml"
    resources:
        network=1,
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=lambda w, attempt: 120 * attempt,
    script:
        "../scripts/describe.py"


rule collect_descriptions:
    input:
        descriptions=[PLAN.descriptions(shard) for shard in PLAN.shards],
    output:
        descriptions=PLAN.all_descriptions(),
    log:
        PLAN.log("collect_descriptions"),
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=10,
    script:
        "../scripts/collect.py"


rule prepare_model:
    output:
        note=PLAN.results / "models" / "{digest}.json",
    log:
        PLAN.log("prepare_model-{digest}"),
    conda:
        "../../envs/alignscape.yaml"
    resources:
        network=1,
        mem_mb=lambda w, attempt: 8000 * attempt,
        runtime=lambda w, attempt: 480 * attempt,
    params:
        model=lambda w: PLAN.model_of_digest(w.digest),
    script:
        "../scripts/prepare_model.py"


rule fine_tune:
    input:
        descriptions=[PLAN.descriptions(shard) for shard in PLAN.training_shards],
        model=lambda w: PLAN.prepared_model(PLAN.fine_tunings[w.encoder].base),
    output:
        card=PLAN.results / "adapters" / "{encoder}" / "{digest}" / "card.json",
        adapter=PLAN.results / "adapters" / "{encoder}" / "{digest}" / "adapter_model.safetensors",
    log:
        PLAN.log("fine_tune-{encoder}-{digest}"),
    benchmark:
        PLAN.benchmark("fine_tune-{encoder}-{digest}")
    wildcard_constraints:
        encoder=PLAN.names(fine_tuned=True, large=False),
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        accelerators=1,
        mem_mb=lambda w, attempt: 8000 * attempt,
        runtime=lambda w, attempt: 480 * attempt,
    params:
        encoder_training=PLAN.inputs.encoder_training,
    script:
        "../scripts/fine_tune.py"


use rule fine_tune as fine_tune_large with:
    log:
        PLAN.log("fine_tune_large-{encoder}-{digest}"),
    benchmark:
        PLAN.benchmark("fine_tune_large-{encoder}-{digest}")
    wildcard_constraints:
        encoder=PLAN.names(fine_tuned=True, large=True),


rule embed_text:
    input:
        descriptions=lambda w: [PLAN.descriptions(s) for s in PLAN.text_groups(w.encoder)[w.shard]],
        model=PLAN.model_inputs,
        reference=PLAN.reference_inputs,
    output:
        rows=PLAN.results / "embeddings" / "{encoder}" / "{digest}" / "{shard}.npy",
        meta=PLAN.results / "embeddings" / "{encoder}" / "{digest}" / "{shard}.json",
    log:
        PLAN.log("embed_text-{encoder}-{digest}-{shard}"),
    benchmark:
        PLAN.benchmark("embed_text-{encoder}-{digest}-{shard}")
    wildcard_constraints:
        encoder=PLAN.names(text=True, large=False),
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        accelerators=1,
        mem_mb=lambda w, attempt: 6000 * attempt,
        runtime=lambda w, attempt: 120 * attempt,
    script:
        "../scripts/embed_text.py"


use rule embed_text as embed_text_large with:
    log:
        PLAN.log("embed_text_large-{encoder}-{digest}-{shard}"),
    benchmark:
        PLAN.benchmark("embed_text_large-{encoder}-{digest}-{shard}")
    wildcard_constraints:
        encoder=PLAN.names(text=True, large=True),
