"""A made study of n proteins: every analysis in the layout of docs/outputs.md, from made scores.

A question that has no made answer in `made_questions` is really asked, of made evidence.
"""

from typing import Any

import numpy as np

from alignscape.config.load import parse
from alignscape.config.study import Study
from alignscape.questions.registry import analyse, labels
from alignscape.report.costs import Cost, Costs
from alignscape.report.results import Made, StudyResults
from tests.helpers import made_evidence
from tests.helpers.made_questions import (
    GDMS,
    LLMS,
    made_chains,
    made_correlation,
    made_depth,
    made_dimension,
    made_findings,
    made_fine_tuning,
    made_leakage,
    made_length,
    made_methods,
    made_pairs,
    made_proteins,
    made_rarity,
    made_screening,
    made_separability,
)

NASTY = (
    "5'-D(*GP*AP*TP*)-3' <b>bold</b>",
    "</script><script>document.title='stolen'</script>",
    '"quoted" & \'single\' <img src=x onerror="document.title=1">',
    "{{ 7 * 7 }} {% raw %} ${1+1} \\u003c",
    "tab\there\u2028line\u0000nul",
    "β-lactamase (extended-spectrum), class A/B",
)
NAMES = ("ubiquitin", "lysozyme", "hemoglobin subunit beta", "myoglobin", "green fluorescent protein", "barstar")
ORGANISMS = ("Homo sapiens", "Escherichia coli", "Bacillus subtilis", "Mus musculus", "")


def made_config(**changes: Any) -> Study:
    """A study of five GDMs and two LLMs. A copy of one is named `<name>+<number>`."""
    gdms = [{"name": g, "encoder": g.partition("+")[0]} for g in (*GDMS, "composition")]
    llms = [{"name": m, "model": f"registry:{m.partition('+')[0]}"} for m in LLMS]
    base = {"study": "made", "structure_encoders": gdms, "language_models": llms}
    return parse(base | {"alignment": {"splits": ["kfold", "kfold_cluster"]}} | changes)


def identifiers(n: int) -> list[str]:
    """n ids like those of the PDB."""
    letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
    return sorted(
        f"{1 + i // 46656 % 9}{letters[i // 1296 % 36]}{letters[i // 36 % 36]}{letters[i % 36]}" for i in range(n)
    )


def made_study(n: int = 120, *, nasty: bool = False, seed: int = 0) -> StudyResults:
    """Results of a study of n proteins, four fifths of them tested. nasty: names that try to break out of the page."""
    generator = np.random.default_rng(seed)
    ids = identifiers(n)
    facts = [_facts(i, k, generator, NASTY if nasty else NAMES) for k, i in enumerate(ids)]
    tested = facts[n // 5 :]
    pairs = [{"label": f"{g} × {m}", "gdm": g, "llm": m} for g in GDMS for m in LLMS]
    common = generator.normal(0, 0.1, len(tested))
    scores = {p["label"]: _scores(p, common, generator) for p in pairs}
    questions = {
        "pairs": made_pairs(len(tested)),
        "separability": made_separability(pairs),
        "correlation": made_correlation(scores, pairs, generator),
        "proteins": made_proteins(tested, scores, pairs, generator),
        "length": made_length(pairs, len(tested), generator),
        "rarity": made_rarity(pairs, [f["id"] for f in tested], generator),
        "chains": made_chains(pairs, len(tested), generator),
        "dimension": made_dimension(),
        "depth": made_depth(pairs),
        "fine_tuning": made_fine_tuning(),
        "leakage": made_leakage(pairs, [f["id"] for f in tested], generator),
        "screening": made_screening(pairs, generator),
        "methods": made_methods(pairs),
        "findings": made_findings(),
    }
    if others := labels().keys() - questions:
        scored = {(p["gdm"], p["llm"]): made_evidence.Made() for p in pairs}
        evidence = made_evidence.make_study(scored, n=n, test=len(tested), seed=seed)
        questions |= {name: analyse(name, evidence) for name in sorted(others)}
    return StudyResults(
        study=made_config(),
        questions=questions,
        facts=facts,
        descriptions={f["id"]: _description(f) for f in facts},
        ledger=_ledger(nasty),
        embeddings=[_sidecar(name) for name in (*GDMS, "composition", *LLMS)],
        encoder_training=frozenset(f["id"] for f in facts[: n // 5]),
        labels=labels(),
        costs=_costs(),
        made=Made("2026-11-26", "config/made.yaml"),
    )


def only(results: StudyResults, *questions: str) -> StudyResults:
    """The same study with these questions and nothing of its proteins."""
    kept = {q: results.questions[q] for q in questions}
    return StudyResults(study=results.study, questions=kept, ledger=results.ledger, labels=labels())


def _costs() -> Costs:
    embedding = {name: Cost(0.1 * (k + 1), 0.3 + 0.1 * k) for k, name in enumerate((*GDMS, "composition", *LLMS))}
    return Costs(embedding, {"gearnet": Cost(37.2, 0.8), "gvp": Cost(102.0, 0.9)})


def _facts(id_: str, k: int, generator: np.random.Generator, names: tuple[str, ...]) -> dict[str, Any]:
    length = int(np.clip(generator.lognormal(5.4, 0.7), 20, 3000))
    several = bool(generator.random() < 0.3)
    chains = int(generator.choice([1, 2, 3, 4, 6]))
    token = "".join(generator.choice(list("abcdefghijklmnopqrstuvwxyz"), 9))
    entity = {
        "kind": "polypeptide",
        "name": f"{names[k % len(names)]}, {token} type",
        "organism": ORGANISMS[k % len(ORGANISMS)],
    }
    entities = [entity] + ([entity | {"name": "inhibitor peptide"}] if several else [])
    counts = {"length": length, "total_length": length * chains, "n_residues": length - 3, "n_atoms": 8 * length}
    counts |= {"n_entities": len(entities), "n_chains": chains + several, "ec": ["3.2.1.17"] if k % 3 == 0 else []}
    text = {
        "id": id_,
        "title": f"Structure of {names[k % len(names)]}",
        "keywords": "HYDROLASE",
        "method": "X-RAY DIFFRACTION",
    }
    return text | counts | {"entities": entities, "n_ca": length, "n_backbone": length, "source_sha256": "0" * 64}


def _description(facts: dict[str, Any]) -> str:
    first = facts["entities"][0]
    return (
        f"The protein structure {facts['id']} has a sequence length of {facts['length']} amino acids. Here is more "
        f"information: The protein structure {facts['id']} involves the following chains: A and B. The protein is named "
        f"{first['name']} and is derived from the organism {first['organism'] or 'that is not stated'}."
    )


def _scores(pair: dict[str, str], common: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    level = GDMS[pair["gdm"]] + LLMS[pair["llm"]] + 0.25
    return np.clip(level + common + generator.normal(0, 0.08, len(common)), -1, 1)


def _ledger(nasty: bool) -> list[dict[str, str]]:
    reason = "not a structure file: it begins with '<!DOCTYPE html>'" if nasty else "no polypeptide chain"
    lines = [{"id": "142D", "stage": "parse", "encoders": "", "reason": reason}]
    lines += [
        {"id": f"9X{i:02d}", "stage": "eligibility", "encoders": "gvp,scannet", "reason": "CA only"} for i in range(4)
    ]
    return lines


def _sidecar(name: str) -> dict[str, Any]:
    notes = {"held_out_accuracy": 0.4312} if name in ("gearnet", "gvp") else {}
    made = {"encoder": name, "weights_source": "seed 42", "dtype": "float32", "seed": 42, "notes": notes}
    return made | {"versions": {"torch": "2.13.0", "gemmi": "0.7.5"}, "dimension": 128, "n": 100, "n_omissions": 0}
