"""One rule per research question, named after it; each reads the pairs it is about and leaves one JSON and its table."""

for question in PLAN.questions:

    rule:
        name:
            question
        input:
            **PLAN.question_inputs(question),
        output:
            json=STUDY / "analysis" / f"{question}-{PLAN.analysis_digest(question)}.json",
            table=STUDY / "analysis" / f"{question}-{PLAN.analysis_digest(question)}.tsv",
        log:
            STUDY / "logs" / f"{question}.log",
        benchmark:
            STUDY / "benchmarks" / f"{question}.tsv"
        conda:
            "../../envs/alignscape.yaml"
        resources:
            mem_mb=lambda w, attempt: 4000 * attempt,
            runtime=lambda w, attempt: 60 * attempt,
        params:
            question=question,
            pairs=PLAN.question_scores(question),
        script:
            "../scripts/analyse.py"


rule ablation:
    """The questions that train more than the pairs of Table 1."""
    input:
        [PLAN.analysis(question) for question in ("dimension", "depth", "fine_tuning", "methods")],
