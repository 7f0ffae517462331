"""One shared ID list and split; two heads for every pair, several pairs in a job."""

N_PROTEINS = len(PLAN.inputs.file_digests)


rule cluster:
    input:
        facts=rules.collect_facts.output.facts,
    output:
        clusters=RESULTS / "clusters" / PLAN.cluster_digest / "clusters.tsv",
        homology=RESULTS / "clusters" / PLAN.cluster_digest / "homology.npz",
        relatives=RESULTS / "clusters" / PLAN.cluster_digest / "relatives.tsv",
    log:
        STUDY / "logs" / "cluster.log",
    benchmark:
        STUDY / "benchmarks" / "cluster.tsv"
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        mem_mb=lambda w, attempt: (4000 + N_PROTEINS // 50) * attempt,
        runtime=lambda w, attempt: (60 + N_PROTEINS // 1000) * attempt,
    script:
        "../scripts/cluster.py"


rule split:
    input:
        facts=rules.collect_facts.output.facts,
        clusters=rules.cluster.output.clusters,
        homology=rules.cluster.output.homology,
        relatives=rules.cluster.output.relatives,
    output:
        splits=RESULTS / "splits" / PLAN.split_digest / "splits.tsv",
        clusters=RESULTS / "splits" / PLAN.split_digest / "clusters.tsv",
        nearest=RESULTS / "splits" / PLAN.split_digest / "nearest.tsv",
        relatives=RESULTS / "splits" / PLAN.split_digest / "relatives.tsv",
        training=RESULTS / "splits" / PLAN.split_digest / "encoder_training.txt",
        omissions=RESULTS / "splits" / PLAN.split_digest / "omissions.jsonl",
    log:
        STUDY / "logs" / "split.log",
    benchmark:
        STUDY / "benchmarks" / "split.tsv"
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: (4000 + N_PROTEINS // 50) * attempt,
        runtime=lambda w, attempt: 20 * attempt,
    params:
        named=PLAN.inputs.encoder_training,
    script:
        "../scripts/split.py"


rule align:
    input:
        rows=PLAN.rows_of_job,
        splits=rules.split.output.splits,
        clusters=rules.split.output.clusters,
        descriptions=rules.collect_descriptions.output.descriptions,
    output:
        done=RESULTS / "alignment" / "{job}-{digest}.json",
    log:
        STUDY / "logs" / "align-{job}-{digest}.log",
    benchmark:
        STUDY / "benchmarks" / "align-{job}-{digest}.tsv"
    wildcard_constraints:
        job="[^/]+-[0-9]+",
    conda:
        "../../envs/alignscape.yaml"
    threads: HEAVY_THREADS
    resources:
        accelerators=1,
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 120 * attempt,
    params:
        pairs=PLAN.settings_of_job,
    script:
        "../scripts/align.py"
