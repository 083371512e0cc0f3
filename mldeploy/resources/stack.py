"""From configuration and model to the resources that a stage wants, in order of dependence."""

import json
from dataclasses import dataclass, field, replace

from mldeploy.aws.clients import Account
from mldeploy.config import Config, FunctionConfig
from mldeploy.config.references import secrets_variable
from mldeploy.images.spec import ImageSpec
from mldeploy.images.trials import command_of
from mldeploy.model.golden import Golden
from mldeploy.resources.alias import Alias
from mldeploy.resources.base import Context, Resource, canonical, key, short_hash
from mldeploy.resources.function import Function
from mldeploy.resources.http_api.api import HttpApi
from mldeploy.resources.http_api.parts import Cors, Jwt, Route
from mldeploy.resources.image import Image
from mldeploy.resources.lambda_state import RELEASE
from mldeploy.resources.log_group import LogGroup, functions_with_logs
from mldeploy.resources.meaning import Meaning
from mldeploy.resources.provisioned import ProvisionedConcurrency
from mldeploy.resources.repository import Repository
from mldeploy.resources.role import Role, execution_policy, lambda_trust
from mldeploy.resources.schedule import Schedule, warm_targets
from mldeploy.resources.secret_access import access_statements
from mldeploy.resources.surroundings_access import surroundings_statements
from mldeploy.resources.version import Version

KINDS = (
    *(LogGroup, Repository, Image, Role, Function, Version, Alias, HttpApi),
    *(ProvisionedConcurrency, Schedule),
)
ORDER = tuple(kind.kind for kind in KINDS)
"""Log groups come first and go last: they are the inventory of what was deployed. What only makes
answers quicker comes last, for requests are answered without it where it fails (a quota), and goes
first, so that no rule invokes what is being taken away."""


@dataclass(frozen=True)
class ImageSource:
    """An image: its tag, and the recipe where a bundle is at hand.

    Attributes:
        tag: the image's fingerprint.
        spec: None where a running release is the only source.
        note: what the version's description says, such as the git commit.
        digest: of the image in ECR, where a running release is the source; else "".
        golden: golden examples of the function, where a running release is the source.
    """

    tag: str
    spec: ImageSpec | None = None
    note: str = ""
    digest: str = ""
    golden: Golden = field(default=Golden(), repr=False)

    def golden_of(self, handler: str) -> Golden:
        """Return the golden examples that a function with this handler is held to."""
        return self.spec.golden_of(handler) if self.spec else self.golden


@dataclass(frozen=True)
class Artifact:
    """What is deployed: an image for each function. `images`: (function, image) pairs."""

    images: tuple[tuple[str, ImageSource], ...]

    def of(self, function: str) -> ImageSource:
        """Return the image of a function of the file."""
        return dict(self.images)[function]

    @property
    def sources(self) -> tuple[ImageSource, ...]:
        """Every image once: functions of one model share theirs."""
        return tuple({source.tag: source for _, source in self.images}.values())


def stack(config: Config, artifact: Artifact, account: Account) -> tuple[Resource, ...]:
    """Return everything that the stage wants, in the order in which it can be made."""
    sources = [artifact.of(one.name) for one in config.functions]
    functions = [
        _function(config, one, source.tag, account)
        for one, source in zip(config.functions, sources, strict=True)
    ]
    roles = [] if config.role.arn else [_role(config, one, account) for one in config.functions]
    versions = [
        Version(
            one.name,
            one.release,
            config.repository,
            source.tag,
            source.note,
            meaning=Meaning(one.release, one.settings(), config.repository, source.tag),
        )
        for one, source in zip(functions, sources, strict=True)
    ]
    return (
        *(LogGroup(one.name, config.log_retention, config.tags, config.ttl) for one in functions),
        *image_stack(config, artifact, account),
        *roles,
        *functions,
        *versions,
        *(
            Alias(
                one.function,
                one.release,
                repository=one.repository,
                image=one.image,
                meaning=one.meaning,
            )
            for one in versions
        ),
        _http_api(config),
        *_warmth(config),
    )


def image_stack(config: Config, artifact: Artifact, account: Account) -> tuple[Resource, ...]:
    """Return what `push` needs: the repository and the images."""
    images = [Image(config.repository, one.tag, one.spec) for one in artifact.sources]
    return _repository(config, account), *images


def leftovers(config: Config, wanted: tuple[Resource, ...], context: Context) -> list[Resource]:
    """Return what may be there of functions, or of their settings, that are no longer wanted.

    Nothing but names and tags is known of them, which is what looking them up takes.
    """
    kept = {one.name for one in wanted if isinstance(one, Function)}
    logged = functions_with_logs(config.project_prefix, context)
    gone = [one for one in logged if one.startswith(config.stage_prefix) and one not in kept]
    region = context.account.region
    found: list[Resource] = []
    for name in gone:
        found.append(LogGroup(name, tags=config.tags))
        found.append(Role(_role_name(name, region), tags=config.tags))
        found.append(Function(name, tags=config.tags))
    if config.role.arn:
        # The file names a role of the user's; ours, from before, has nothing to do any more.
        found.extend(Role(_role_name(name, region), tags=config.tags) for name in sorted(kept))
    for name in (*gone, *sorted(kept)):
        found += [ProvisionedConcurrency(name), Schedule(name, tags=config.tags)]
    looked_at = {key(one) for one in wanted}
    return [one for one in found if key(one) not in looked_at]


def everything(config: Config, context: Context) -> list[Resource]:
    """Return what `destroy` looks for: the stage, and its repository unless others share it."""
    found = leftovers(config, (), context)
    found.append(api_seed(config))
    logged = functions_with_logs(config.project_prefix, context)
    last = all(name.startswith(config.stage_prefix) for name in logged)
    if last or config.owns_repository:
        found.append(_repository(config, context.account))
    return found


def _function(config: Config, function: FunctionConfig, tag: str, account: Account) -> Function:
    name = config.function_name(function.name)
    wanted = Function(
        name=name,
        role=config.role.arn
        or account.arn("iam", f"role/{_role_name(name, account.region)}", region=""),
        repository=config.repository,
        image=tag,
        architecture=config.architecture,
        memory=function.memory,
        timeout=function.timeout,
        ephemeral_storage=function.ephemeral_storage,
        environment=_environment(config, function),
        command=(command_of(function),),
        log_group=LogGroup(name).name,
        vpc=tuple(sorted((*function.vpc.subnets, *function.vpc.security_groups)))
        if function.vpc
        else (),
        dead_letter=function.dead_letter,
        tracing=function.tracing,
        kept=function.permissions,
        reserved=function.reserved_concurrency,
        tags=config.tags,
    )
    variables = {**dict(wanted.environment), RELEASE: _release(wanted, config)}
    return replace(wanted, environment=tuple(sorted(variables.items())))


def _environment(config: Config, function: FunctionConfig) -> tuple[tuple[str, str], ...]:
    """Return the variables; of secrets only the places, so a value is in nothing that AWS shows."""
    told = {**config.variables(function), **secrets_variable(function.secrets)}
    return tuple(sorted({**dict(function.environment), **told}.items()))


def _release(function: Function, config: Config) -> str:
    """Return a release's id: a hash of the image and of every setting that a version keeps."""
    place = [function.repository] if config.owns_repository else []
    facts = [function.image, function.architecture, *function.decided(), *place]
    return short_hash(json.dumps(facts))


def _warmth(config: Config) -> list[Resource]:
    """Return what keeps environments ready, of the functions that ask for it."""
    names = [(config.function_name(one.name), one) for one in config.functions]
    return [
        *(
            ProvisionedConcurrency(name, one.provisioned_concurrency)
            for name, one in names
            if one.provisioned_concurrency
        ),
        *(
            Schedule(
                name,
                f"rate({one.keep_warm.every})",
                targets=warm_targets(name, one.keep_warm.instances),
                tags=config.tags,
            )
            for name, one in names
            if one.keep_warm
        ),
    ]


def _role(config: Config, function: FunctionConfig, account: Account) -> Role:
    name = config.function_name(function.name)
    return Role(
        name=_role_name(name, account.region),
        trust=lambda_trust(),
        policy=execution_policy(
            account.arn("logs", f"log-group:{LogGroup(name).name}"),
            [*access_statements(function.secrets, account), *surroundings_statements(function)],
        ),
        boundary=config.role.permissions_boundary,
        managed=tuple(sorted(set(config.role.managed_policies))),
        tags=config.tags,
    )


def _role_name(function: str, region: str) -> str:
    """IAM knows no regions, so the name carries one: two regions mustn't share a role."""
    return f"{function}_{region}"


def _repository(config: Config, account: Account) -> Repository:
    functions = account.arn("lambda", f"function:{config.repository_users}*")
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Sid": "LambdaReadsImages",
                "Effect": "Allow",
                "Principal": {"Service": "lambda.amazonaws.com"},
                "Action": ["ecr:BatchGetImage", "ecr:GetDownloadUrlForLayer"],
                "Condition": {"StringLike": {"aws:sourceArn": functions}},
            }
        ],
    }
    return Repository(config.repository, canonical(policy), config.repository_tags)


def api_seed(config: Config) -> HttpApi:
    """Return what it takes to look the API up, and nothing more."""
    return HttpApi(config.stage_prefix.rstrip("_"), tags=config.tags)


def _http_api(config: Config) -> HttpApi:
    cors = config.api.cors
    auth = {"none": "NONE", "iam": "AWS_IAM", "jwt": "JWT"}[config.api.auth]
    jwt = Jwt(config.api.jwt.issuer, config.api.jwt.audience) if config.api.jwt else None
    return HttpApi(
        name=api_seed(config).name,
        routes=tuple(
            sorted(
                Route(route, config.function_name(one.name), auth, jwt=jwt)
                for one in config.functions
                for route in config.routes(one)
            )
        ),
        cors=Cors(cors.allow_origins, cors.allow_methods, cors.allow_headers, cors.max_age)
        if cors
        else None,
        rate=config.api.rate,
        burst=config.api.burst,
        tags=config.tags,
    )


def is_public(desired: tuple[Resource, ...]) -> bool:
    """Tell whether anybody on the internet may call what is desired."""
    return any(
        route.auth == "NONE" for one in desired if isinstance(one, HttpApi) for route in one.routes
    )
