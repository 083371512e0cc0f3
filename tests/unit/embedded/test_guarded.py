"""What the embedded AWS offers: the services that deployments and functions call, no others."""

from botocore.session import Session

from mldeploy.deploy import home_region
from mldeploy.embedded.guarded import SERVICES
from mldeploy.monitoring import logs, metrics, where
from mldeploy.resources import signatures
from mldeploy.resources.kind import actions_of
from mldeploy.resources.kinds import KINDS

CLIENTS = {"apigateway": "apigatewayv2", "states": "stepfunctions"}
"""boto3's names where they aren't IAM's."""
BESIDE = {"ssm", "secretsmanager", "sts", "mldeploy"}
"""Values of functions, who is calling, and whether it answers."""


def test_every_service_that_a_deployment_calls_is_offered() -> None:
    """By the name that botocore signs for; what nobody calls isn't on the list."""
    modules = (metrics, home_region, logs, signatures, where)
    actions = [one for module in modules for one in module.ACTIONS]
    actions += [one for kind in KINDS for one in actions_of(kind)]
    called = {one.partition(":")[0] for one in actions}
    models = (Session().get_service_model(CLIENTS.get(one, one)) for one in called)
    assert {one.signing_name for one in models} | BESIDE == set(SERVICES)
