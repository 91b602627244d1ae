"""Makes detectors-more.json: scores of further detectors on the problem of detectors.json, from the published formulas.

Needs numpy and scipy. Reads packages/detectors/test/golden/detectors.json (made by detectors.py) for the rows, labels and head.
"""

import json
import pathlib

import numpy as np
from scipy.special import logsumexp, softmax

import golden_io
from weibull import weibull_fit

OOD, ID = "higher is more out-of-distribution", "higher is more in-distribution"
HERE = pathlib.Path(__file__).resolve().parent
problem = json.loads((HERE.parent.parent / "packages/detectors/test/golden/detectors.json").read_text())["problem"]
train_x, train_y, W, b = (np.array(problem[k]) for k in ("train_x", "train_y", "W", "b"))
sets = {"id": np.array(problem["id_x"]), "ood": np.array(problem["ood_x"])}
train_logits = train_x @ W.T + b
logits = {k: v @ W.T + b for k, v in sets.items()}
CLASSES = len(W)
entries = []


def add(name, scores, sign, formula, source, parameters=None, fitted=None, tolerance=1e-9):
    entries.append({
        "name": name, "origin": "formula", "source": source, "formula": formula, "sign": sign, "parameters": parameters or {}, "fitted": fitted or {},
        "id_scores": scores["id"], "ood_scores": scores["ood"], "relative_tolerance": tolerance,
    })


def unit(v):
    return v / np.linalg.norm(v, axis=-1, keepdims=True)


# ---------------------------------------------------------------- OpenMax


def openmax(tail, revised, shift=10000.0):
    correct = train_logits.argmax(1) == train_y
    own = [train_logits[correct & (train_y == c)] for c in range(CLASSES)]
    centres = np.stack([rows.mean(0) for rows in own])
    tails = [np.sort(np.linalg.norm(rows - centre, axis=1))[-tail:] for rows, centre in zip(own, centres)]
    fits = [weibull_fit(distances + shift - distances[0]) for distances in tails]

    def unknown(row):
        kept = np.ones(CLASSES)
        for rank, c in enumerate(np.argsort(-row)[:revised]):
            d = np.linalg.norm(row - centres[c]) + shift - tails[c][0]
            kept[c] = 1 - (revised - rank) / revised * -np.expm1(-((d / fits[c][1]) ** fits[c][0]))
        return softmax(np.concatenate([[(row * (1 - kept)).sum()], row * kept]))[0]

    return {k: [unknown(row) for row in v] for k, v in logits.items()}


for tail, revised in ((20, 3), (10, 5)):
    add("openmax-as-published", openmax(tail, revised), OOD,
        "probability of the unknown class; means and tails of the correctly classified rows; l_c w_c with w_c = 1 - (alpha - rank)/alpha * Weibull(|l - mu_c|)",
        "Bendale and Boult 2016, algorithms 1 and 2, Euclidean distances; shift of libmr", {"tail": tail, "revised_classes": revised}, tolerance=1e-6)

# ---------------------------------------------------------------- CADRef

predicted = train_logits.argmax(1)
means = np.stack([train_x[predicted == c].mean(0) for c in range(CLASSES)])
mean_energy = logsumexp(train_logits, axis=1).mean()
scores = {}
for k, v in sets.items():
    top = logits[k].argmax(1)
    signed = (v - means[top]) * np.sign(W[top])
    size = np.abs(v).sum(1)
    scores[k] = np.maximum(signed, 0).sum(1) / size / logsumexp(logits[k], axis=1) + np.maximum(-signed, 0).sum(1) / size / mean_energy
add("cadref", scores, OOD, "E+ / energy + E- / mean training energy; E+- = L1 norm of the parts of f - mean of the predicted class that go with, or against, the signs of its weights, over |f|_1",
    "Ling et al. 2025 (arXiv 2503.00325), logit score: energy; as their repository LingAndZero/CADRef computes it")

# ---------------------------------------------------------------- MCM and NegLabel: the head's rows as embeddings of texts

for temperature in (1.0, 0.01):
    add("mcm", {k: softmax(unit(v) @ unit(W).T / temperature, axis=1).max(1) for k, v in sets.items()}, ID,
        "max_c softmax(cos(f, t_c) / T)", "Ming et al. 2022, equation 1", {"temperature": temperature})

rng = np.random.default_rng(7)
candidates = rng.normal(0.0, 1.0, (40, W.shape[1])).round(6)
texts = np.concatenate([W, candidates])


def neglabel(kept_share, groups, temperature, percentile):
    pos, neg = unit(W), unit(candidates)
    likeness = np.quantile(neg @ pos.T, percentile / 100, axis=1)
    kept = np.argsort(likeness)[: int(kept_share * len(neg))]
    kept = kept[: len(kept) - len(kept) % groups]
    out = {}
    for k, v in sets.items():
        p, n = unit(v) @ pos.T / temperature, unit(v) @ neg[kept].T / temperature
        out[k] = np.mean([softmax(np.concatenate([p, n[:, g::groups]], axis=1), axis=1)[:, :CLASSES].sum(1) for g in range(groups)], axis=0)
    return out


for share, groups, temperature in ((0.5, 1, 0.1), (0.5, 4, 0.1), (1.0, 7, 0.05)):
    add("neglabel", neglabel(share, groups, temperature, 95), ID,
        "mean over groups of the softmax mass of the ID labels; candidates with the lowest 95th percentile of cosines to the ID labels are kept",
        "Jiang et al. 2024, equations 4 to 7, and XueJiang16/NegLabel; groups are dealt in the order of likeness (there: a random permutation)",
        {"kept_share": share, "groups": groups, "temperature": temperature})

golden_io.write("detectors-more.json", {
    "about": "Made by tooling/golden/detectors_more.py (numpy, scipy) from the published formulas, on the problem of detectors.json.",
    "texts": texts,
    "detectors": entries,
})
