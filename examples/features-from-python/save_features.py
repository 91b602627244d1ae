"""Penultimate features and logits of any torch classifier, as .npy files: what score.ts beside it reads.

Needs torch. Replace `model`, `head` and `images` by yours; nothing else here knows them.
"""

import sys

import numpy as np
import torch


@torch.no_grad()
def extract(model: torch.nn.Module, head: torch.nn.Module, batches) -> tuple[np.ndarray, np.ndarray]:
    """Inputs of `head` (the last linear layer), and its outputs, float32, for all batches."""
    features, logits = [], []
    hook = head.register_forward_pre_hook(lambda _, inputs: features.append(inputs[0].flatten(1).cpu().numpy()))
    try:
        for batch in batches:
            logits.append(model(batch).cpu().numpy())
    finally:
        hook.remove()
    return np.concatenate(features).astype(np.float32), np.concatenate(logits).astype(np.float32)


if __name__ == '__main__':
    torch.manual_seed(0)
    head = torch.nn.Linear(16, 4)
    model = torch.nn.Sequential(torch.nn.Linear(8, 16), torch.nn.ReLU(), head).eval()
    folder = sys.argv[1] if len(sys.argv) > 1 else '.'
    for name, shift in [('id-train', 0.0), ('id-test', 0.0), ('ood', 3.0)]:
        images = [torch.randn(50, 8) + shift for _ in range(8)]
        features, logits = extract(model, head, images)
        np.save(f'{folder}/{name}.features.npy', features)
        np.save(f'{folder}/{name}.logits.npy', logits)
