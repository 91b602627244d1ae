"""Tables as pyarrow and pandas write them: python tooling/golden/tables.py writes packages/features/test/golden/tables/."""

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

OUT = Path(__file__).parents[2] / "packages/features/test/golden/tables"
ROWS = 7


def table(kind):
    values = np.arange(ROWS * 3, dtype=np.float32).reshape(ROWS, 3) / 4
    if kind == "fixed":
        features = pa.FixedSizeListArray.from_arrays(pa.array(values.ravel()), 3)
    elif kind == "half":
        features = pa.array([row.astype(np.float16) for row in values], pa.list_(pa.float16()))
    else:
        features = pa.array(values.tolist(), pa.list_(pa.float64()))
    return pa.table(
        {
            "features": features,
            "logits": pa.array((values[:, :2] * 2).tolist(), pa.list_(pa.float32())),
            "label": pa.array([i % 2 for i in range(ROWS)], pa.int64()),
            "id": [f"row {i}" for i in range(ROWS)],
        }
    )


OUT.mkdir(parents=True, exist_ok=True)
for kind, codec in [("fixed", "zstd"), ("half", "gzip"), ("double", "brotli"), ("double", "snappy"), ("double", "lz4")]:
    pq.write_table(table(kind), OUT / f"{kind}-{codec}.parquet", compression=codec, row_group_size=3)
columns = {f"f{i}": np.arange(ROWS) * (i + 1) / 2 for i in range(3)}
pq.write_table(pa.table({**columns, "label": pa.array([0] * ROWS, pa.uint8())}), OUT / "columns.parquet")
