"""One shared ID list and split; two heads for every pair."""


rule split:
    input:
        facts=PLAN.all_facts(),
    output:
        splits=PLAN.split("splits.tsv"),
        clusters=PLAN.split("clusters.tsv"),
        nearest=PLAN.split("nearest.tsv"),
        losses=PLAN.split("losses.jsonl"),
    log:
        PLAN.log("split"),
    benchmark:
        PLAN.benchmark("split")
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        encoder_training=PLAN.inputs.encoder_training,
    script:
        "../scripts/split.py"


rule align:
    input:
        structure=lambda w: PLAN.gathered(w.structure),
        text=lambda w: PLAN.gathered(w.text),
        splits=PLAN.split("splits.tsv"),
        clusters=PLAN.split("clusters.tsv"),
        descriptions=PLAN.all_descriptions(),
    output:
        scores=PLAN.results / "alignment" / "{structure}" / "{text}" / "{variant}-{digest}.npz",
        summary=PLAN.results / "alignment" / "{structure}" / "{text}" / "{variant}-{digest}.json",
        heads=PLAN.results / "alignment" / "{structure}" / "{text}" / "{variant}-{digest}.heads.safetensors",
    log:
        PLAN.log("align-{structure}-{text}-{variant}-{digest}"),
    benchmark:
        PLAN.benchmark("align-{structure}-{text}-{variant}-{digest}")
    wildcard_constraints:
        variant=r"[A-Za-z0-9][A-Za-z0-9.+_-]*",
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        accelerators=1,
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 60 * attempt,
    params:
        variant=PLAN.heads,
    script:
        "../scripts/align.py"
