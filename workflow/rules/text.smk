"""From facts to descriptions, and from descriptions to text embeddings."""


rule describe:
    input:
        facts=rules.parse.output.facts,
    output:
        descriptions=RESULTS / "text" / PLAN.description_digest / "{shard}.jsonl",
        omissions=RESULTS / "text" / PLAN.description_digest / "{shard}.omissions.jsonl",
    log:
        STUDY / "logs" / "describe-{shard}.log",
    benchmark:
        STUDY / "benchmarks" / "describe-{shard}.tsv"
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
        descriptions=expand(rules.describe.output.descriptions, shard=PLAN.shards),
    output:
        descriptions=RESULTS / "text" / PLAN.description_digest / f"all-{PLAN.collection_digest}.jsonl",
    log:
        STUDY / "logs" / "collect_descriptions.log",
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=10,
    script:
        "../scripts/collect.py"


rule prepare_model:
    output:
        note=RESULTS / "models" / "{digest}.json",
    log:
        STUDY / "logs" / "prepare_model-{digest}.log",
    benchmark:
        STUDY / "benchmarks" / "prepare_model-{digest}.tsv"
    conda:
        "../../envs/alignscape.yaml"
    threads: lambda w: 2 if PLAN.is_converted(w.digest) else 1  # on two cores nothing large runs beside it
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
        descriptions=PLAN.texts_to_learn(),
        model=lambda w: PLAN.prepared_model(PLAN.fine_tunings[w.encoder].base),
        clusters=PLAN.text_clusters,
    output:
        card=RESULTS / "adapters" / "{encoder}" / "{digest}" / "card.json",
        adapter=RESULTS / "adapters" / "{encoder}" / "{digest}" / "adapter_model.safetensors",
    log:
        STUDY / "logs" / "fine_tune-{encoder}-{digest}.log",
    benchmark:
        STUDY / "benchmarks" / "fine_tune-{encoder}-{digest}.tsv"
    wildcard_constraints:
        encoder=PLAN.names(fine_tuned=True, large=False),
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        accelerators=1,
        mem_mb=lambda w, attempt: 8000 * attempt,
        runtime=lambda w, attempt: 480 * attempt,
    script:
        "../scripts/fine_tune.py"


use rule fine_tune as fine_tune_large with:
    log:
        STUDY / "logs" / "fine_tune_large-{encoder}-{digest}.log",
    benchmark:
        STUDY / "benchmarks" / "fine_tune_large-{encoder}-{digest}.tsv"
    wildcard_constraints:
        encoder=PLAN.names(fine_tuned=True, large=True),


rule embed_text:
    input:
        descriptions=lambda w: expand(rules.describe.output.descriptions, shard=PLAN.groups(w.encoder)[w.shard]),
        model=PLAN.model_inputs,
        reference=PLAN.reference_inputs,
        clusters=PLAN.reference_clusters,
    output:
        rows=RESULTS / "embeddings" / "{encoder}" / "{digest}" / "{shard}.npy",
        meta=RESULTS / "embeddings" / "{encoder}" / "{digest}" / "{shard}.json",
    log:
        STUDY / "logs" / "embed_text-{encoder}-{digest}-{shard}.log",
    benchmark:
        STUDY / "benchmarks" / "embed_text-{encoder}-{digest}-{shard}.tsv"
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
        STUDY / "logs" / "embed_text_large-{encoder}-{digest}-{shard}.log",
    benchmark:
        STUDY / "benchmarks" / "embed_text_large-{encoder}-{digest}-{shard}.tsv"
    wildcard_constraints:
        encoder=PLAN.names(text=True, large=True),


use rule embed_text as embed_text_cpu with:
    wildcard_constraints:
        encoder=PLAN.names(text=True, gpu=False),
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
