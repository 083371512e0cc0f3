"""Where does a customer's message belong? TF-IDF and a linear model on short texts."""

import csv
from pathlib import Path

from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline


def data():
    """Return the texts of tickets.csv and their topics."""
    with Path(__file__).with_name("tickets.csv").open(encoding="utf-8") as file:
        tickets = list(csv.DictReader(file))
    return [one["text"] for one in tickets], [one["topic"] for one in tickets]


def estimator():
    """Return the pipeline: words, weighed by how rare they are, and a linear model on them."""
    return make_pipeline(TfidfVectorizer(stop_words="english"), LogisticRegression(C=10))
