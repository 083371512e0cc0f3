"""How far will the disease have come in a year? A regressor: its answer is a number."""

from sklearn.datasets import load_diabetes
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def data():
    """Return 442 patients, in the units in which they were measured."""
    return load_diabetes(scaled=False)


def estimator():
    """Return a linear regression that chooses its own regularisation."""
    return make_pipeline(StandardScaler(), RidgeCV(alphas=[0.1, 1, 10, 100]))
