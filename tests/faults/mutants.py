"""Bugs to sow into the program, one at a time: does the harness see them?

Each is a patch: what stands in a file, and what stands there instead.
"""

from dataclasses import dataclass

FIRST = ("first deploy",)
MODEL = ("new model",)
MODELS = ("new model of two functions",)
SPARING = ("new model, old ones removed",)
DESTROY = ("destroy",)

DRIFT = "tests/faults/test_drift.py"
ENGINE = "tests/faults/test_engine.py"
GOING_BACK = "tests/faults/test_going_back.py"
KILLS = "tests/faults/test_kills.py"
STRANGERS = "tests/faults/test_strangers.py"
CANARIES = "tests/cli/test_canaries.py"


@dataclass(frozen=True)
class Edit:
    """One place of a patch.

    Attributes:
        file: from the project's folder.
        text: what stands there, once.
        instead: what is put in its place.
    """

    file: str
    text: str
    instead: str


@dataclass(frozen=True)
class Mutant:
    """A bug.

    Attributes:
        name: what the program does wrong.
        edits: how it comes to that.
        operations: whose trials are made, in order, until one fails.
        tests: test files of the harness that are run then, in order, until one fails.
        escapes: why the harness can't see it, where it can't.
    """

    name: str
    edits: tuple[Edit, ...]
    operations: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    escapes: str = ""


def _one(
    name: str,
    file: str,
    text: str,
    instead: str,
    *,
    operations: tuple[str, ...] = (),
    tests: tuple[str, ...] = (),
    escapes: str = "",
) -> Mutant:
    return Mutant(name, (Edit(f"mldeploy/{file}", text, instead),), operations, tests, escapes)


MUTANTS = (
    # whose it is
    _one(
        "an API is found by its name only",
        "resources/http_api.py",
        'if wanted and wanted.items() <= api.get("Tags", {}).items()',
        'if api.get("Name") == self.name',
        operations=FIRST,
        tests=(STRANGERS,),
    ),
    _one(
        "nobody looks whose a resource is",
        "resources/base.py",
        "if expected is not None and found.get(tag) != expected:",
        'if found.get(tag) == "nobody":',
        operations=FIRST,
        tests=(STRANGERS,),
    ),
    _one(
        "a resource without tags is taken for ours",
        "resources/base.py",
        "if expected is not None and found.get(tag) != expected:",
        "if expected is not None and found.get(tag, expected) != expected:",
        operations=FIRST,
        tests=(STRANGERS,),
    ),
    # what isn't looked at, and so isn't finished after a crash
    _one(
        "the gateway's permission isn't checked",
        "resources/http_api_reading.py",
        'permits(statement, PRINCIPAL, source_arn(api, route["RouteKey"], context)),',
        "True,",
        operations=FIRST,
        tests=(DRIFT,),
    ),
    _one(
        "the schedule's permission isn't checked",
        "resources/schedule.py",
        'permitted=permits(statement, _PRINCIPAL, rule["Arn"]),',
        "permitted=True,",
        operations=FIRST,
    ),
    _one(
        "the repository's policy isn't looked at",
        "resources/repository.py",
        'canonical(policy["policyText"]) if policy else "",',
        "self.policy,",
        operations=FIRST,
    ),
    _one(
        "the role's policy isn't looked at",
        "resources/role.py",
        'canonical(policy["PolicyDocument"]) if policy else "",',
        "self.policy,",
        operations=FIRST,
    ),
    _one(
        "the reserved concurrency isn't looked at",
        "resources/function.py",
        'reserved=answer.get("Concurrency", {}).get("ReservedConcurrentExecutions"),',
        "reserved=self.reserved,",
        operations=FIRST,
    ),
    _one(
        "a log group's retention isn't looked at",
        "resources/log_group.py",
        'return LogGroup(self.function, group.get("retentionInDays"), ',
        "return LogGroup(self.function, self.retention, ",
        operations=FIRST,
    ),
    _one(
        "what was read before a change is taken for the truth after it",
        "apply.py",
        "        context.clients.forget()\n    context.emit(Finished(",
        "        pass\n    context.emit(Finished(",
        operations=(*FIRST, *MODEL),
    ),
    # the order of changes
    _one(
        "the alias is recreated instead of updated",
        "resources/alias.py",
        "        weights = {}\n        if self.canary:\n",
        "        self.delete(context)\n        self.create(context)\n        return\n"
        "        weights = {}\n        if self.canary:\n",
        operations=MODEL,
    ),
    Mutant(
        "the route comes first and its permission last",
        (
            Edit(
                "mldeploy/resources/http_api_wiring.py",
                "            if before is None or not before.permitted:\n"
                "                self._permit(api, route, context)\n"
                "            if route.function not in",
                "            if route.function not in",
            ),
            Edit(
                "mldeploy/resources/http_api_wiring.py",
                "integrations[route.function], authorizer, context)\n        self._remove",
                "integrations[route.function], authorizer, context)\n"
                "            if before is None or not before.permitted:\n"
                "                self._permit(api, route, context)\n        self._remove",
            ),
        ),
        ("function added",),
    ),
    _one(
        "what goes away goes before the aliases move",
        "plan.py",
        '    changes.extend(Change("delete", one, None) for one in gone)\n',
        '    changes[:0] = [Change("delete", one, None) for one in gone]\n',
        operations=("function removed",),
    ),
    _one(
        "what goes away isn't kept until the new release is confirmed",
        "shift.py",
        'waits = [one.action == "delete" or one.subject.kind in _LATER for one in plan.changes]',
        "waits = [one.subject.kind in _LATER for one in plan.changes]",
        operations=("function removed",),
        tests=(GOING_BACK,),
    ),
    _one(
        "the inventory goes first: log groups before functions",
        "stack.py",
        "    *(LogGroup, Repository, Image, Role, Function, Version, Alias, HttpApi),\n"
        "    *(ProvisionedConcurrency, Schedule),\n",
        "    *(Repository, Image, Role, Function, Version, Alias, HttpApi),\n"
        "    *(ProvisionedConcurrency, Schedule, LogGroup),\n",
        operations=DESTROY,
    ),
    Mutant(
        "the inventory comes last: log groups after everything else",
        (
            Edit(
                "mldeploy/stack.py",
                "        *(LogGroup(one.name, config.log_retention, config.tags) "
                "for one in functions),\n",
                "",
            ),
            Edit(
                "mldeploy/stack.py",
                "        *_warmth(config),\n    )\n",
                "        *_warmth(config),\n        *(LogGroup(one.name, config.log_retention, "
                "config.tags) for one in functions),\n    )\n",
            ),
        ),
        FIRST,
    ),
    _one(
        "aliases move before their releases are verified",
        "shift.py",
        "apply(first, context, gates, later)",
        "apply(first, context, {}, later)",
        operations=MODEL,
    ),
    _one(
        "one function's alias moves although another's release isn't verified yet",
        "verification.py",
        "proofs = list(pool.map(lambda one: prove_release(one[0], one[1], context), wanted))",
        "proofs = list(pool.map(lambda one: prove_release(one[0], one[1], context), wanted[:1]))",
        operations=MODELS,
    ),
    # waiting
    _one(
        "nobody waits between code and configuration",
        "resources/function.py",
        '            revision = settled(self.name, context, step)["RevisionId"]\n'
        "            with_role_patience(\n"
        "                lambda: functions.update_function_configuration(",
        "            revision = functions.get_function_configuration(\n"
        '                FunctionName=self.name)["RevisionId"]\n'
        "            with_role_patience(\n"
        "                lambda: functions.update_function_configuration(",
        operations=MODEL,
    ),
    _one(
        "nobody waits before publishing",
        "resources/version.py",
        "        settled(self.function, context, step)\n        found =",
        "        found =",
        operations=MODEL,
    ),
    # locks
    _one(
        "the code is changed without a lock",
        "resources/function.py",
        "                    Publish=False,\n                    RevisionId=revision,\n",
        "                    Publish=False,\n",
        operations=MODEL,
    ),
    _one(
        "the alias is moved without a lock",
        "resources/alias.py",
        "            Description=self._description(),\n            RevisionId=before.revision,\n",
        "            Description=self._description(),\n",
        operations=MODEL,
    ),
    _one(
        "a version is published without a lock",
        "resources/version.py",
        "Description=self.description[:256], RevisionId=revision\n",
        "Description=self.description[:256]\n",
        operations=MODEL,
    ),
    _one(
        "nobody looks which image is published",
        "resources/version.py",
        'if wanted is None or digest_of(found["Code"]) != wanted["imageDigest"]:',
        "if wanted is None:",
        operations=MODEL,
    ),
    _one(
        "nobody looks which release is about to be published",
        "resources/version.py",
        "if carried != self.release:",
        "if not carried:",
        operations=MODEL,
        escapes="what was published is looked at as well, and refused there",
    ),
    # lost answers
    _one(
        "a call that is refused after a lost answer isn't adopted",
        "apply.py",
        "if change.after is None or not answer_was_lost(error):",
        "if True:",
        operations=MODEL,
    ),
    _one(
        "what another deploy has made is taken for a lost answer",
        "aws_errors.py",
        "return repeated > 0 and error_code(error) in _RIVAL",
        "return error_code(error) in _RIVAL",
        operations=MODEL,
    ),
    _one(
        "CreateApi is repeated blindly",
        "resources/http_api_parts.py",
        'context.clients.client("apigatewayv2", retries=False)',
        'context.clients.client("apigatewayv2")',
        operations=FIRST,
    ),
    _one(
        "a call that got no answer is repeated without a look",
        "resources/http_api_parts.py",
        "        if found := there():\n            return found\n",
        "",
        operations=FIRST,
    ),
    _one(
        "what is gone already can't be deleted",
        "resources/function.py",
        "        with missing_is_fine():\n"
        "            context.clients.functions.delete_function(FunctionName=self.name)\n",
        "        context.clients.functions.delete_function(FunctionName=self.name)\n",
        operations=DESTROY,
    ),
    # going back
    _one(
        "a rollback that died half-way is forgotten",
        "releases.py",
        "return (left, last) if left else (last, [])",
        "return last, []",
        operations=("rollback of two functions",),
    ),
    Mutant(
        "old releases are removed before the alias moves",
        (
            Edit(
                "mldeploy/rollout.py",
                "        carry_out(config, rollout.plan, context)\n",
                "        pruned = prune(config, context)\n"
                "        carry_out(config, rollout.plan, context)\n",
            ),
            Edit(
                "mldeploy/rollout.py",
                "        pruned = prune(config, context)\n        context.clients.forget()\n",
                "        context.clients.forget()\n",
            ),
        ),
        SPARING,
    ),
    _one(
        "the release to go back to is removed",
        "prune.py",
        'if version["Version"] in kept or (back and release_of(version) == back):',
        'if version["Version"] in kept:',
        operations=SPARING,
    ),
    _one(
        "an image is removed that a version still needs",
        "prune.py",
        'for number in ("$LATEST", *_numbers(versions))',
        'for number in ("$LATEST",)',
        operations=SPARING,
    ),
    # images
    _one(
        "the push is believed, ECR isn't asked",
        "resources/image.py",
        "        self._prove(pushed.digest, context)\n\n",
        "\n",
        tests=(ENGINE,),
    ),
    _one(
        "an index of manifests is taken for an image",
        "resources/ecr_images.py",
        'return image.get("imageManifestMediaType") in _INDEX_TYPES',
        'return image.get("imageManifestMediaType") is None',
        tests=(ENGINE,),
    ),
    _one(
        "a tag that isn't proved stays",
        "resources/image.py",
        '            has = found["imageDigest"] if found else "nothing"\n'
        "            self.delete(context)\n",
        '            has = found["imageDigest"] if found else "nothing"\n',
        tests=(ENGINE,),
    ),
    # the process
    _one(
        "an error's text is printed as it is",
        "redact.py",
        '    text = _URL_LOGIN.sub("***@", text)\n',
        '    return text\n    text = _URL_LOGIN.sub("***@", text)\n',
        tests=(CANARIES,),
    ),
    _one(
        "SIGTERM ends it on the spot",
        "__main__.py",
        "for number in (signal.SIGINT, signal.SIGTERM):",
        "for number in (signal.SIGINT,):",
        tests=(KILLS,),
    ),
)
