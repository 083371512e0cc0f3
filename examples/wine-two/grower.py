"""Which of three growers is the wine from? The model of POST /grower."""

from sklearn.datasets import load_wine
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

class_names = ["grower 1", "grower 2", "grower 3"]


def data():
    """Return 178 wines with 13 measurements each, and their growers."""
    return load_wine()


def estimator():
    """Return the pipeline: measurements of the same scale, and a linear model on them."""
    return make_pipeline(StandardScaler(), LogisticRegression())
