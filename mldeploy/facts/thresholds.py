"""mldeploy's own thresholds, each with its reason."""

from datetime import timedelta

# A canary: docs/decisions/0013-a-canary-is-judged-by-this-process.md

PROOF = 200.0
"""This much evidence ends a canary: with two tests per function, a release that is no worse is
rolled back with a probability of at most 2/200."""
DOUBT = 20.0
"""With this much evidence at the end a release isn't promoted either."""
SLOWER, SLACK_MS = 1.5, 20.0
"""A request is slow if it takes this many times the earlier p95, plus this many milliseconds."""
SLOW_SHARE = 0.05
"""The share of slow requests that a release may have: with more, its p95 is above that limit."""
SETTLED = timedelta(seconds=60)
"""Delay before a minute is read, because its metrics arrive late."""

# A shift: docs/decisions/0011-verification-belongs-to-the-shift.md

ALIAS_SECONDS = 30.0
"""How long the URL may serve the old release: changes of aliases take seconds to propagate."""
ROUTE_SECONDS = 90.0
"""How long the gateway may reject requests: new routes and permissions return 403, 404 or 500 for
up to a minute (terraform-provider-aws#17604, serverless#9525)."""
MOST_FAILURES = 3
"""Consecutive 5xx responses of a function that aren't explained by propagation."""
MOST_SILENCES = 5
"""Consecutive requests without a response: this machine's network blocks them."""
YOUNG = timedelta(hours=1)
"""Newer images aren't pruned, because a running deploy may have pushed them."""

# How long AWS may take

OUR_ROLE_SECONDS = 90.0
"""A new or changed role propagates through IAM."""
THEIR_ROLE_SECONDS = 20.0
"""A role from the user already existed, so a rejection is probably final."""
SHIFT_SECONDS = 900.0
"""An alias leaves its canary: terraform's timeout."""
READY_SECONDS = 900.0
"""Provisioned concurrency becomes ready."""
SETTLE_SECONDS = 600.0
"""Lambda's caching of an image of several GB takes minutes; botocore's waiter for a published
version gives it 26 (waiters-2.json of lambda, PublishedVersionActive)."""
IMAGE_SECONDS = 30.0
"""ECR may return 404 for an image that was just written
(https://github.com/acorn-io/runtime/issues/1079)."""

# Calls

SHARE = 0.8
"""Share of AWS's rate limits to use; the rest is for consoles and other programs."""

# What is published of the training data: docs/decisions/0025-what-is-published.md

FEW = 20
"""A column with more values probably contains names or ids, not categories."""
SHARED = 5
"""A value that this many rows share doesn't identify one. Data custodians call it the "cell size of
five" rule: no one is identified with a probability above 0.2. Source: K. El Emam, Guide to the
De-Identification of Personal Health Information (2013), chapter "Cell Size Precedents",
https://doi.org/10.1201/b14764-29"""
