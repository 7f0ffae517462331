"""What a person opens: ledger, figures, the page."""


rule ledger:
    input:
        omissions=expand([rules.parse.output.omissions, rules.describe.output.omissions], shard=PLAN.shards),
        eligibility=rules.split.output.omissions,
        rows=[PLAN.gathered(name) for name in PLAN.structure_blocks | PLAN.text_blocks],
    output:
        ledger=STUDY / "analysis" / f"ledger-{PLAN.ledger_digest}.tsv",
    log:
        STUDY / "logs" / "ledger.log",
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 1000 * attempt,
        runtime=10,
    params:
        not_read=PLAN.inputs.not_read,
    script:
        "../scripts/ledger.py"


captions = {name: caption(name, plugins=PLAN.study.plugins) for name in figures(plugins=PLAN.study.plugins)}


rule figures:
    input:
        analyses=[PLAN.analysis(question) for question in PLAN.questions],
        ledger=rules.ledger.output.ledger,
        facts=rules.collect_facts.output.facts,
        descriptions=rules.collect_descriptions.output.descriptions,
        rows=[PLAN.gathered(name) for name in PLAN.structure_blocks | PLAN.text_blocks],
        training=rules.split.output.training,
    output:
        svg=[
            report(
                STUDY / "figures" / f"{name}.svg", caption=captions[name], category="Figures", labels={"figure": name}
            )
            for name in captions
        ],
        png=[STUDY / "figures" / f"{name}.png" for name in captions],
        pdf=[STUDY / "figures" / f"{name}.pdf" for name in captions],
        stamp=STUDY / "logs" / f"figures-{PLAN.figures_digest}",
    log:
        STUDY / "logs" / "figures.log",
    benchmark:
        STUDY / "benchmarks" / "figures.tsv"
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 30 * attempt,
    script:
        "../scripts/figures.py"


rule report:
    input:
        analyses=[PLAN.analysis(question) for question in PLAN.questions],
        ledger=rules.ledger.output.ledger,
        facts=rules.collect_facts.output.facts,
        descriptions=rules.collect_descriptions.output.descriptions,
        rows=[PLAN.gathered(name) for name in PLAN.structure_blocks | PLAN.text_blocks],
        training=rules.split.output.training,
        checks=PLAN.checks(),
    output:
        report=report(STUDY / "report.html", caption="../report/report.rst", category="Report"),
        pairs=report(STUDY / "pairs.tsv", caption="../report/pairs_table.rst", category="Tables"),
        findings=report(STUDY / "findings.json", caption="../report/findings_table.rst", category="Tables"),
        ledger=report(STUDY / "ledger.tsv", caption="../report/ledger.rst", category="Tables"),
        summary=STUDY / "summary.json",
        stamp=PLAN.published(),
    log:
        STUDY / "logs" / "report.log",
    benchmark:
        STUDY / "benchmarks" / "report.tsv"
    conda:
        "../../envs/alignscape.yaml"
    resources:
        mem_mb=lambda w, attempt: 4000 * attempt,
        runtime=lambda w, attempt: 30 * attempt,
    params:
        config_file=" + ".join(map(shown_path, CONFIG_FILES)),
    script:
        "../scripts/report.py"
