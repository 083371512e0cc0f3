"""Looking at what runs: releases, stages, logs, metrics."""
