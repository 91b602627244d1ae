"""The Weibull distribution that the formulas of OpenMax fit."""

import numpy as np
import scipy.optimize


def weibull_fit(x):
    """Maximum-likelihood shape and scale; x is divided by its largest value so that x^k stays below 1."""
    y = x / x.max()
    log = np.log(y)

    def slope(k):
        w = y**k
        return (w * log).sum() / w.sum() - 1 / k - log.mean()

    k = scipy.optimize.brentq(slope, 1.0, 1e7, xtol=1e-9, rtol=1e-14)
    return k, x.max() * np.mean(y**k) ** (1 / k)
