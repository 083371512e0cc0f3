"""How much alcohol has the wine? The model of POST /alcohol."""

from sklearn.datasets import load_wine
from sklearn.linear_model import RidgeCV
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

COLUMNS = ["color_intensity", "proline", "flavanoids", "hue"]


def data():
    """Return four measurements of each wine, and its alcohol in percent."""
    wine = load_wine()
    chosen = [wine.feature_names.index(name) for name in COLUMNS]
    return {
        "data": wine.data[:, chosen],
        "target": wine.data[:, wine.feature_names.index("alcohol")],
        "feature_names": COLUMNS,
    }


def estimator():
    """Return the pipeline."""
    return make_pipeline(StandardScaler(), RidgeCV())
