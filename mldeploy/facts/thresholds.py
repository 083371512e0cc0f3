"""The numbers that mldeploy decides by. They are its own choice; each says why."""

from datetime import timedelta

# A canary: docs/decisions/0013-a-canary-is-judged-by-this-process.md

PROOF = 200.0
"""Evidence of this much ends a canary: with two tests per function, a release that is no worse
has a chance of at most 2/200 of being taken back as worse."""
DOUBT = 20.0
"""With this much evidence against it at the end a release isn't promoted either."""
SLOWER, SLACK_MS = 1.5, 20.0
"""A request is slow if it takes this many times the p95 of before, plus this many milliseconds."""
SLOW_SHARE = 0.05
"""So many slow requests a release may have: with more, its own p95 is above that limit."""
SETTLED = timedelta(seconds=60)
"""A minute is read when it has been over for so long: its figures come late."""

# A shift: docs/decisions/0011-verification-belongs-to-the-shift.md

ALIAS_SECONDS = 30.0
"""For which the URL may answer as the old release: Lambda's aliases take seconds to spread."""
ROUTE_SECONDS = 90.0
"""For which the gateway itself may refuse: a new route or permission is refused with 403, 404 or
500 for up to a minute (terraform-provider-aws#17604, serverless#9525)."""
MOST_FAILURES = 3
"""Answers of 5xx in a row that a function wrote: no change that spreads, and users meet it."""
MOST_SILENCES = 5
"""Requests in a row without an answer: this machine's network won't let one through."""
YOUNG = timedelta(hours=1)
"""A younger image isn't pruned: a deploy that is still running may have pushed it."""

# How long AWS may take

OUR_ROLE_SECONDS = 90.0
"""A role that was just made or changed is on its way through IAM."""
THEIR_ROLE_SECONDS = 20.0
"""A role of the user's own has been there: a refusal is probably final."""
SHIFT_SECONDS = 900.0
"""An alias leaves its canary: as long as terraform waits for it."""
READY_SECONDS = 900.0
"""Provisioned concurrency gets ready."""
SETTLE_SECONDS = 600.0
"""Lambda's own caching of an image of several GB takes minutes; botocore's waiter for a published
version gives it 26 (waiters-2.json of lambda, PublishedVersionActive)."""
IMAGE_SECONDS = 30.0
"""ECR may answer 404 for an image that was just written
(https://github.com/acorn-io/runtime/issues/1079)."""

# Calls

SHARE = 0.8
"""Of the calls that AWS grants to an account and region: consoles and other programs have the
rest."""

# What is published of the training data: docs/decisions/0025-what-is-published.md

FEW = 20
"""A column with more values is rather names or ids than kinds, however often each is there."""
SHARED = 5
"""What so many rows share is no single row's. Data custodians call it the "cell size of five" rule:
nobody is picked out with a probability above 0.2. Source: K. El Emam, Guide to the
De-Identification of Personal Health Information (2013), chapter "Cell Size Precedents",
https://doi.org/10.1201/b14764-29"""
