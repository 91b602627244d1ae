"""Makes packages/metrics/test/golden/extra.json. Needs numpy, scikit-learn and features.json beside the output.

features.json is `problem` of the detector reference values (train_x, train_y, id_x, id_y, W, b): synthetic and seeded.
"""

import json
import pathlib

import numpy as np
import sklearn
from sklearn.metrics import accuracy_score, brier_score_loss, log_loss

FOLDER = pathlib.Path(__file__).resolve().parents[2] / "packages/metrics/test/golden"


def effective_rank(x):
    centred = x - x.mean(0)
    s = np.linalg.svd(centred, compute_uv=False)
    p = s / s.sum()
    p = p[p > 1e-7 * p[0]]
    variances = s**2 / len(x)
    return {
        "effective_rank": float(np.exp(-(p * np.log(p)).sum())),
        "participation_ratio": float(variances.sum() ** 2 / (variances**2).sum()),
        "spectrum": variances.tolist(),
    }


def neural_collapse(x, y):
    classes = np.unique(y)
    means = np.stack([x[y == c].mean(0) for c in classes])
    within = sum((x[y == c] - m).T @ (x[y == c] - m) for c, m in zip(classes, means)) / len(x)
    offsets = means - means.mean(0)
    between = offsets.T @ offsets / len(classes)
    return {
        "nc1": float(np.trace(within @ np.linalg.pinv(between, rcond=1e-10, hermitian=True)) / len(classes)),
        "within_between_ratio": float(np.trace(within) / np.trace(between)),
    }


def expected_calibration_error(p, y, bins):
    confidence, correct = p.max(1), p.argmax(1) == y
    edges = np.linspace(0, 1, bins + 1)
    total = 0.0
    for low, high in zip(edges[:-1], edges[1:]):
        inside = (confidence > low) & (confidence <= high)
        if inside.any():
            total += inside.mean() * abs(correct[inside].mean() - confidence[inside].mean())
    return float(total)


def classifier(logits, y):
    p = np.exp(logits - logits.max(1, keepdims=True))
    p /= p.sum(1, keepdims=True)
    return {
        "accuracy": float(accuracy_score(y, p.argmax(1))),
        "brier": float(brier_score_loss(y, p, labels=np.arange(p.shape[1]), scale_by_half=False)),
        "negative_log_likelihood": float(log_loss(y, p, labels=np.arange(p.shape[1]))),
        "expected_calibration_error_15": expected_calibration_error(p, y, 15),
        "expected_calibration_error_5": expected_calibration_error(p, y, 5),
    }


def main():
    problem = {k: np.array(v) for k, v in json.loads((FOLDER / "features.json").read_text()).items()}
    x, y = problem["train_x"], problem["train_y"]
    norms = np.linalg.norm(x, axis=1)
    result = {
        "library": f"scikit-learn {sklearn.__version__}, numpy {np.__version__}",
        "train": {
            **effective_rank(x),
            **neural_collapse(x, y),
            "norm_mean": float(norms.mean()),
            "norm_std": float(norms.std(ddof=1)),
            "norm_quantiles": np.quantile(norms, [0.05, 0.5, 0.95]).tolist(),
        },
        "id_classifier": classifier(problem["id_x"] @ problem["W"].T + problem["b"], problem["id_y"]),
    }
    (FOLDER / "extra.json").write_text(json.dumps(result, indent=1) + "\n")


if __name__ == "__main__":
    main()
