"""Brute-force KNN of scikit-learn on the sizes of `bench/cost.ts`, to compare with its `knn`: python3 bench/knn-sklearn.py [rows] [dim] [threads]

Needs numpy, scikit-learn and threadpoolctl.
"""

import sys
import time

import numpy as np
from sklearn.neighbors import NearestNeighbors
from threadpoolctl import threadpool_limits

rows, dim, threads = (int(v) for v in (sys.argv[1:] + ["7000", "128", "1"][len(sys.argv) - 1 :]))
rng = np.random.default_rng(1)
unit = lambda x: (x / np.linalg.norm(x, axis=1, keepdims=True)).astype(np.float32)  # noqa: E731
bank, queries = (unit(np.maximum(0, rng.normal(size=(n, dim)))) for n in (rows, 2000))
with threadpool_limits(threads):
    search = NearestNeighbors(n_neighbors=50, algorithm="brute", n_jobs=threads).fit(bank)
    search.kneighbors(queries)
    least = min(timed for timed in [(lambda t: (search.kneighbors(queries), time.process_time() - t)[1])(time.process_time()) for _ in range(5)])
print(f"{rows} x {dim}, {threads} thread(s): {1e6 * least / 2000:.1f} µs of processor time per row")
