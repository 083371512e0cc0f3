"""Fixes for what moto 5.2 lacks or does differently from AWS, applied in this process."""

import copy
import hashlib
import json
from collections.abc import Callable
from typing import Any

from moto.apigatewayv2.models import Api, ApiGatewayV2Backend
from moto.awslambda.models import ImageConfig, LambdaAlias, LambdaFunction, LambdaStorage
from moto.cloudwatch.models import CloudWatchBackend
from moto.iam.models import AWSManagedPolicy, IAMBackend
from moto.logs.models import LogsBackend
from moto.logs.utils import EventMessageFilter

from mldeploy.embedded.metrics import NAMESPACE, JsonPattern, Metrics

Opened = Callable[[str, str], str]
"""Takes an HTTP API's region and id, returns its URL."""


def mend(opened: Opened, closed: Callable[[str], None], metrics: Metrics) -> None:
    """Apply all fixes.

    Args:
        opened: called with a new HTTP API.
        closed: called with the id of a deleted one.
        metrics: of functions.
    """
    mend_functions()
    _mend_versions()
    _mend_aliases()
    _mend_apis(opened, closed)
    _mend_policies()
    _mend_watching(metrics)


def mend_functions() -> None:
    """Store what an update sets, and return the image's digest and a revision."""
    _mend_configuration()
    _mend_code()


def _mend_configuration() -> None:
    """Store the settings that moto drops, and change the revision with every update.

    Source: botocore's lambda model, FunctionConfiguration and UpdateFunctionConfiguration.
    """
    bare_configuration = LambdaFunction.get_configuration
    bare_update = LambdaFunction.update_configuration

    def get_configuration(self: Any, **options: Any) -> dict[str, Any]:
        found: dict[str, Any] = bare_configuration(self, **options)
        found["LoggingConfig"] = getattr(self, "logging_config", None) or {
            "LogFormat": "Text",
            "LogGroup": f"/aws/lambda/{self.function_name}",
        }
        text = json.dumps(found, sort_keys=True, default=str) + json.dumps(self.code, default=str)
        found["RevisionId"] = hashlib.sha256(text.encode()).hexdigest()[:32]
        return found

    def update_configuration(self: Any, updates: dict[str, Any]) -> dict[str, Any]:
        bare_update(self, updates)
        if "EphemeralStorage" in updates:
            self.ephemeral_storage = updates["EphemeralStorage"]["Size"]
        if "ImageConfig" in updates:
            self.image_config = ImageConfig(updates["ImageConfig"])
        if "LoggingConfig" in updates:
            self.logging_config = dict(updates["LoggingConfig"])
        return get_configuration(self)

    _replace(
        LambdaFunction,
        get_configuration=get_configuration,
        update_configuration=update_configuration,
    )


def _mend_code() -> None:
    bare_code, bare_set = LambdaFunction.get_code, LambdaFunction._set_function_code  # noqa: SLF001

    def get_code(self: Any) -> dict[str, Any]:
        # moto splits the reference at its first colon, which a digest also contains.
        found: dict[str, Any] = bare_code(self)
        uri = found.get("Code", {}).get("ImageUri", "")
        if "@sha256:" in uri:
            found["Code"]["ResolvedImageUri"] = uri
        return found

    def set_function_code(self: Any, spec: dict[str, Any]) -> None:
        bare_set(self, spec)
        self.architectures = spec.get("Architectures", self.architectures)

    _replace(LambdaFunction, get_code=get_code, _set_function_code=set_function_code)


def _mend_versions() -> None:
    """Make a version an immutable copy with a number that isn't reused.

    Source: Lambda developer guide, "Manage Lambda function versions". moto shares the objects of
    $LATEST with its versions, and numbers them by counting the existing ones.
    """
    bare = LambdaStorage.publish_version

    def publish_version(self: Any, name: str, description: str = "") -> Any:
        latest = self.get_function_by_name_or_arn_forbid_qualifier(name)
        group = self._functions[latest.function_name]
        before = list(group["versions"])
        found = bare(self, name, description)
        latest.code_or_config_updated = False
        if found is None or found in before:
            return found
        group["published"] = group.get("published", 0) + 1
        found.set_version(group["published"])
        self._arns[found.function_arn] = found
        for attribute, value in vars(found).items():
            if isinstance(value, dict | list) or attribute == "image_config":
                setattr(found, attribute, copy.deepcopy(value))
        return found

    _replace(LambdaStorage, publish_version=publish_version)


def _mend_aliases() -> None:
    """Change an alias's revision with every change (botocore's lambda model, RevisionId)."""
    bare = LambdaAlias.update

    def update(self: Any, *arguments: Any) -> None:
        bare(self, *arguments)
        self.revision_id = f"{self.revision_id[:36]}-{int(self.revision_id[37:] or 0) + 1}"

    _replace(LambdaAlias, update=update)


def _mend_apis(opened: Opened, closed: Callable[[str], None]) -> None:
    """Give an HTTP API a URL on this machine, and report its creation and deletion."""
    bare_create, bare_delete = ApiGatewayV2Backend.create_api, ApiGatewayV2Backend.delete_api
    bare_json = Api.to_json

    def create_api(self: Any, *arguments: Any, **options: Any) -> Any:
        api = bare_create(self, *arguments, **options)
        api.api_endpoint = opened(self.region_name, api.api_id)
        return api

    def delete_api(self: Any, api_id: str) -> None:
        bare_delete(self, api_id)
        closed(api_id)

    def to_json(self: Any) -> dict[str, Any]:
        # AWS omits the rules if there are none.
        found: dict[str, Any] = bare_json(self)
        if not found.get("corsConfiguration"):
            found.pop("corsConfiguration", None)
        return found

    _replace(ApiGatewayV2Backend, create_api=create_api, delete_api=delete_api)
    _replace(Api, to_json=to_json)


def _mend_policies() -> None:
    """Provide AWS managed policies, which exist in every account.

    Source: IAM user guide, "AWS managed policies". moto has them only if it loads all of them,
    which takes seconds.
    """
    bare = IAMBackend.attach_role_policy

    def attach_role_policy(self: Any, policy_arn: str, role_name: str) -> None:
        prefix = f"arn:{self.partition}:iam::aws:policy/"
        if policy_arn.startswith(prefix) and policy_arn not in self.managed_policies:
            path, _, name = f"/{policy_arn.removeprefix(prefix)}".rpartition("/")
            times = dict.fromkeys(("CreateDate", "UpdateDate"), "2020-01-01T00:00:00+00:00")
            facts = {"DefaultVersionId": "v1", "Path": f"{path}/", "Document": {}, **times}
            policy = AWSManagedPolicy.from_data(name, self.account_id, self.region_name, facts)
            self.managed_policies[policy_arn] = policy
        bare(self, policy_arn, role_name)

    _replace(IAMBackend, attach_role_policy=attach_role_policy)


def _mend_watching(metrics: Metrics) -> None:
    """Handle CloudWatch's calls for functions.

    moto supports neither percentiles nor JSON patterns, and doesn't merge the events of streams,
    while CloudWatch sorts all by time (FilterLogEvents API reference, interleaved).
    """
    bare_data, bare_filter = CloudWatchBackend.get_metric_data, EventMessageFilter.__init__

    def get_metric_data(
        self: Any, queries: list[dict[str, Any]], start_time: Any, end_time: Any, **more: Any
    ) -> list[dict[str, Any]]:
        ours = [one for one in queries if _of_lambda(one)]
        others = [one for one in queries if not _of_lambda(one)]
        told = [metrics.answer(one, start_time, end_time) for one in ours]
        rest = bare_data(self, others, start_time, end_time, **more) if others else []
        return [*told, *rest]

    def initialise(self: Any, pattern: str) -> None:
        if pattern and pattern.lstrip().startswith("{"):
            self.filter_type = JsonPattern(pattern)
        else:
            bare_filter(self, pattern)

    _replace(CloudWatchBackend, get_metric_data=get_metric_data)
    bare_events = LogsBackend.filter_log_events

    def filter_log_events(self: Any, *wanted: Any, **named: Any) -> Any:
        return bare_events(self, *wanted[:7], **{**named, "interleaved": True})

    _replace(EventMessageFilter, __init__=initialise)
    _replace(LogsBackend, filter_log_events=filter_log_events)


def _of_lambda(query: dict[str, Any]) -> bool:
    return bool(query.get("MetricStat", {}).get("Metric", {}).get("Namespace") == NAMESPACE)


def _replace(kind: type, **methods: Callable[..., Any]) -> None:
    for name, method in methods.items():
        setattr(kind, name, method)
