"""Makes packages/detectors/test/golden/density.json: scores of `fde` (flow: never) and `two-covariance` on small synthetic problems.

An independent float64 implementation of the formulas in numpy and scipy, written from the description in docs/results/fde.md and not
from the TypeScript; exact eigenvectors instead of iterations, dense distances instead of searches. Run: python density.py
"""

import json
import pathlib

import numpy as np
from scipy.special import logsumexp

OUT = pathlib.Path(__file__).resolve().parents[2] / "packages/detectors/test/golden/density.json"
GAMMA = 0.7


def draw(problem):
    """Rows from a linear congruential generator, which any language repeats exactly."""
    state = problem["seed"]

    def normal():
        nonlocal state
        total = 0.0
        for _ in range(4):
            state = (1664525 * state + 1013904223) % 2**32
            total += state / 2**32
        return total - 2.0

    d, classes, per_class = problem["dim"], problem["classes"], problem["rows"]
    centers = [[problem["spread"] * normal() for _ in range(d)] for _ in range(classes)]
    rows = lambda n: np.array([[1 + c + 0.4 * normal() for c in centers[i % classes]] for i in range(n)])
    train = rows(classes * per_class)
    near = rows(problem["queries"])
    far = np.array([[1 + 0.9 * normal() for _ in range(d)] for _ in range(problem["queries"])])
    return train, np.arange(len(train)) % classes, np.concatenate([near, far])


def unit(x):
    return x / np.linalg.norm(x, axis=1, keepdims=True)


def directions(d):
    return min(d, max(64, min(256, d // 2)))


class ClassModel:
    def __init__(self, z, y, residual):
        n, d = z.shape
        names, y, sizes = np.unique(y, return_inverse=True, return_counts=True)
        self.mu = z.mean(0)
        c = z - self.mu
        S = c.T @ c / n
        m = np.trace(S) / d
        squares = (S**2).sum()
        beta = ((np.linalg.norm(c, axis=1) ** 4).mean() - squares) / n
        delta = squares - d * m * m
        a = min(1.0, max(0.0, beta / delta)) if delta > 0 else 1.0
        R = directions(d)
        V = None
        if R < d:
            R = min(R, n - 1)
            V = np.linalg.eigh(S)[1][:, ::-1][:, :R]
        x = c if V is None else c @ V
        T = (1 - a) * x.T @ x / n + a * m * np.eye(R)
        means = np.stack([x[y == k].mean(0) for k in range(len(names))])
        r = x - means[y]
        nu = n - len(names)
        kappa = R / 8 if nu >= 1 else 1e6 * R
        W = (r.T @ r + kappa * T) / (nu + kappa) + (0.1 * a * m + 1e-9 * m) * np.eye(R)
        L = np.linalg.cholesky(W)
        Li = np.linalg.inv(L)
        e, Q = np.linalg.eigh(Li @ T @ Li.T)
        self.b = np.maximum(e - 1, 0)
        A = Li.T @ Q
        self.A = A if V is None else V @ A
        nb = sizes[:, None] * self.b
        shrink = nb / (nb + 1)
        self.m = shrink * (means @ A)
        self.v = 1 + shrink / sizes[:, None]
        self.prior = sizes / n
        self.V = V if residual else None
        self.res = (1 - a) * max(0, ((c**2).sum() - (x**2).sum()) / n) / max(1, d - R) + a * m
        self.metric = np.sqrt(1 - GAMMA / (1 + self.b))

    def u(self, q):
        return (q - self.mu) @ self.A

    def __call__(self, q):
        u = self.u(q)
        out = np.empty((len(q), len(self.prior)))
        for k in range(len(self.prior)):
            weight = 1 / self.v[k] - GAMMA / (1 + self.b)
            out[:, k] = ((u - self.m[k]) ** 2 * weight).sum(1) + np.log(self.v[k]).sum()
        score = -logsumexp(-out / 2 + np.log(self.prior), axis=1)
        if self.V is not None:
            c = q - self.mu
            beyond = (c**2).sum(1) - ((c @ self.V) ** 2).sum(1)
            score = score + 0.5 * (1 - GAMMA) * np.maximum(beyond, 0) / self.res
        return score


def purity(z, y):
    """Share of rows whose r-th nearest other row is of their class (all rows are asked: there are fewer than 2,000)."""
    s = z @ z.T
    np.fill_diagonal(s, -9)
    ranks = min(10, len(z) - 1)
    order = np.argsort(-s, axis=1, kind="stable")[:, :ranks]
    return (y[order] == y[:, None]).mean(0)


def kth(q, bank, k):
    bank = bank.astype(np.float32).astype(np.float64)
    d = np.linalg.norm(q[:, None] - bank[None], axis=2)
    return np.sort(d, axis=1)[:, min(k, len(bank)) - 1]


class Scale:
    """-log p among references, linear between 48 of them, exponential tail; see `fitEvidenceScale`."""

    def __init__(self, ref):
        r = np.sort(ref)
        n = len(r)
        start = min(0.9, max(0.5, 1 - 20 / n))
        i = min(n - 1, int(np.ceil(start * n)) - 1)
        if r[i] == r[-1]:
            i = int((r < r[-1]).sum()) - 1
        u = r[i]
        above = r[r > u]
        below = r[r <= u]
        at = [int(np.floor(k / 47 * (len(below) - 1) + 0.5)) for k in range(48)]
        self.knots = np.array(list(dict.fromkeys(below[at])))
        values = [-np.log((1 + n - (r < x).sum()) / (n + 1)) for x in self.knots]
        values[-1] = -np.log((1 + len(above)) / (n + 1))
        self.values = np.array(values)
        tail = max(above.mean() - u, 1e-6 * (r[-1] - r[0]), 1e-30)
        self.slope = 1 / tail

    def __call__(self, s):
        inside = np.interp(s, self.knots, self.values - self.values[0])
        return inside + np.maximum(s - self.knots[-1], 0) * self.slope


def fde(z, y, q):
    n, d = z.shape
    P = purity(z, y)
    first = (P[0] * n + 30 * 0.75) / (n + 30)
    P[0] = first
    organized = first >= 0.5
    if n < 10:
        return kth(q, z, 1), organized
    root = np.sqrt(n)
    if organized:
        k = max(1, min(5, int(root / 2), int((P >= first / 2).sum())))
    else:
        k = max(1, min(50, int(0.75 * root)))
    w = min(0.75, max(0.1, first))
    R = directions(d)
    residual = not organized or (R < d and n - 1 < R)

    def parts(zf, yf, qf):
        model = ClassModel(zf, yf, residual)
        to = (lambda x: model.u(x) * model.metric) if organized else (lambda x: x)
        return model(qf), kth(to(qf), to(zf), k)

    fold = np.floor(5 * ((np.arange(n) * 0.6180339887498949) % 1)).astype(int)
    held = [parts(z[fold != f], y[fold != f], z[fold == f]) for f in range(5) if (fold == f).any()]
    refs = [np.concatenate([h[i] for h in held]) for i in range(2)]
    scales = [Scale(r) for r in refs]
    join = lambda a, b: w * scales[0](a) + (1 - w) * scales[1](b)
    return Scale(join(*refs))(join(*parts(z, y, q))), organized


PROBLEMS = [
    dict(name="organized", seed=1, dim=16, classes=5, rows=30, spread=1.0, queries=15),
    dict(name="two rows a class", seed=2, dim=16, classes=10, rows=2, spread=1.0, queries=15),
    dict(name="one row a class", seed=3, dim=12, classes=30, rows=1, spread=0.5, queries=15),
    dict(name="one class", seed=4, dim=8, classes=1, rows=60, spread=1.0, queries=15),
    dict(name="mixed classes, directions cut", seed=5, dim=80, classes=40, rows=3, spread=0.05, queries=15),
    dict(name="fewer rows than directions", seed=6, dim=100, classes=4, rows=10, spread=1.0, queries=15),
    dict(name="too few rows for p-values", seed=7, dim=6, classes=3, rows=2, spread=1.0, queries=15),
]

if __name__ == "__main__":
    result = []
    for problem in PROBLEMS:
        x, y, q = draw(problem)
        z, q = unit(x), unit(q)
        P = purity(z, y)
        organized_prior = ((P[0] * len(z)) + 22.5) / (len(z) + 30) >= 0.5
        R = directions(z.shape[1])
        residual = not organized_prior or (R < z.shape[1] and len(z) - 1 < R)
        scores, organized = fde(z, y, q)
        result.append({
            **problem,
            "organized": bool(organized),
            "fde": scores.tolist(),
            "twoCovariance": ClassModel(z, y, residual)(q).tolist(),
        })
        print(problem["name"], organized, scores[:3], scores[-3:])
    OUT.write_text(json.dumps({"madeBy": "tooling/golden/density.py, numpy " + np.__version__, "problems": result}, indent=1) + "\n")
