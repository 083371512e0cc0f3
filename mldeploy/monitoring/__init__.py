"""Reads what is deployed: releases, stages, logs, metrics."""
