"""What a person opens: ledger, figures, the page."""


rule ledger:
    input:
        losses=[f(shard) for shard in PLAN.shards for f in (PLAN.parse_losses, PLAN.description_losses)],
        eligibility=PLAN.split("losses.jsonl"),
        rows=[PLAN.gathered(name) for name in PLAN.structure_blocks | PLAN.text_blocks],
    output:
        ledger=PLAN.ledger(),
    log:
        PLAN.log("ledger"),
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=10,
    script:
        "../scripts/ledger.py"


captions = {name: caption(name) for name in figures()} | {"dataset": "../report/dataset.rst"}


rule figures:
    input:
        analyses=[PLAN.analysis(question) for question in questions()],
        ledger=PLAN.ledger(),
        facts=PLAN.all_facts(),
        descriptions=PLAN.all_descriptions(),
        rows=[PLAN.gathered(name) for name in PLAN.structure_blocks | PLAN.text_blocks],
    output:
        svg=[
            report(PLAN.figure(name, ".svg"), caption=captions[name], category="Figures", labels={"figure": name})
            for name in captions
        ],
        png=[PLAN.figure(name, ".png") for name in captions],
        stamp=PLAN.figures_stamp(),
    log:
        PLAN.log("figures"),
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 30 * attempt,
    params:
        encoder_training=PLAN.inputs.encoder_training,
    script:
        "../scripts/figures.py"


rule report:
    input:
        analyses=[PLAN.analysis(question) for question in questions()],
        ledger=PLAN.ledger(),
        facts=PLAN.all_facts(),
        descriptions=PLAN.all_descriptions(),
        rows=[PLAN.gathered(name) for name in PLAN.structure_blocks | PLAN.text_blocks],
    output:
        report=report(PLAN.published()["report"], caption="../report/report.rst", category="Report"),
        pairs=report(PLAN.published()["pairs"], caption="../report/pairs_table.rst", category="Tables"),
        findings=report(PLAN.published()["findings"], caption="../report/findings_table.rst", category="Tables"),
        ledger=report(PLAN.published()["ledger"], caption="../report/ledger.rst", category="Tables"),
        summary=PLAN.published()["summary"],
        stamp=PLAN.published()["stamp"],
    log:
        PLAN.log("report"),
    benchmark:
        PLAN.benchmark("report")
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 30 * attempt,
    params:
        encoder_training=PLAN.inputs.encoder_training,
    script:
        "../scripts/report.py"
