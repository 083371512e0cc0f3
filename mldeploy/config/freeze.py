"""Validated settings as frozen data."""

from pathlib import Path
from typing import TYPE_CHECKING

from mldeploy.config import (
    ApiConfig,
    Config,
    CorsConfig,
    DeployConfig,
    FunctionConfig,
    ImageConfig,
    JwtConfig,
    KeepWarm,
    ModelConfig,
    RoleConfig,
    SignConfig,
    TrainingConfig,
    VpcConfig,
)
from mldeploy.config.paths import PATHS
from mldeploy.config.references import Reference

if TYPE_CHECKING:
    from mldeploy.config.api_table import ApiTable
    from mldeploy.config.deploy_table import DeployTable
    from mldeploy.config.document import FunctionTable, ImageTable, Settings


def freeze(
    settings: "Settings", *, file: Path, stage: str, region: str, profile: str | None
) -> Config:
    """Freeze validated settings."""
    project = settings.project
    return Config(
        root=file.parent,
        file=file,
        name=project.name or "",
        stage=stage,
        region=region,
        profile=profile,
        python=project.python or "",
        architecture=project.architecture,
        train=project.train,
        hooks=project.hooks,
        image=_image(settings.image, file.parent),
        functions=_functions(settings.functions),
        api=_api(settings.api),
        role=RoleConfig(
            settings.role.arn,
            settings.role.permissions_boundary,
            tuple(settings.role.managed_policies),
        ),
        sign=SignConfig(settings.sign.key),
        log_retention=settings.logs.retention_days,
        user_tags=tuple(sorted(project.tags.items())),
        deploy=_deploy(settings.deploy),
        models=tuple(
            ModelConfig(name, table.train or f"{name.replace('-', '_')}.py", table.hooks)
            for name, table in sorted(settings.models.items())
        ),
        training=TrainingConfig(**settings.training.model_dump()),
        publish=settings.publish.categories,
    )


def _image(table: "ImageTable", root: Path) -> ImageConfig:
    """Freeze [image]; the CA bundle's path becomes absolute."""
    ca_bundle = table.ca_bundle and str(root / Path(table.ca_bundle).expanduser())
    return ImageConfig(
        base=table.base or "",
        include=tuple(table.include),
        requirements=tuple(table.requirements),
        dockerfile=table.dockerfile,
        index_url=table.index_url or "",
        insecure_index=table.insecure_index,
        ca_bundle=ca_bundle,
        network=table.network,
        prune=table.prune,
        repository=table.repository,
    )


def _functions(tables: "dict[str, FunctionTable]") -> tuple[FunctionConfig, ...]:
    """Freeze [functions], whose route is POST /<name> unless the file says otherwise."""
    return tuple(
        FunctionConfig(
            name=name,
            route="" if table.route is False else str(table.route or f"POST /{name}"),
            memory=table.memory,
            timeout=table.timeout,
            ephemeral_storage=table.ephemeral_storage,
            environment=_texts(table),
            secrets=_references(table),
            handler=table.handler,
            model=table.model or "",
            golden=table.golden,
            paths=tuple(one for one in PATHS if one in table.paths),
            max_body=table.max_body,
            max_rows=table.max_rows,
            keep_warm=KeepWarm(table.keep_warm.every, table.keep_warm.instances)
            if table.keep_warm
            else None,
            provisioned_concurrency=table.provisioned_concurrency,
            reserved_concurrency=table.reserved_concurrency,
            vpc=VpcConfig(tuple(table.vpc.subnets), tuple(table.vpc.security_groups))
            if table.vpc
            else None,
            dead_letter=table.dead_letter or "",
            tracing=table.tracing,
            permissions=tuple(table.permissions),
        )
        for name, table in sorted(tables.items())
    )


def _texts(table: "FunctionTable") -> tuple[tuple[str, str], ...]:
    return tuple(
        sorted((name, one) for name, one in table.environment.items() if isinstance(one, str))
    )


def _references(table: "FunctionTable") -> tuple[Reference, ...]:
    return tuple(
        sorted(
            Reference(
                name,
                "ssm" if one.ssm else "secretsmanager",
                one.ssm or one.secretsmanager or "",
                one.json_key or "",
                one.kms_key or "",
            )
            for name, one in table.environment.items()
            if not isinstance(one, str)
        )
    )


def _deploy(table: "DeployTable") -> DeployConfig:
    """Freeze [deploy]; its texts were checked."""
    from mldeploy.config.limits import seconds_of, share_of

    return DeployConfig(
        keep=table.keep,
        canary=share_of(table.canary) if table.canary else 0.0,
        canary_seconds=seconds_of(table.canary_for),
        canary_requests=table.canary_requests,
        canary_inconclusive=table.canary_inconclusive,
        approve=table.approve,
    )


def _api(table: "ApiTable") -> ApiConfig:
    """Freeze [api]; `missing_keys` has seen that `auth` is there."""
    cors = None
    if table.cors is not None:
        cors = CorsConfig(
            tuple(table.cors.allow_origins),
            tuple(table.cors.allow_methods),
            tuple(table.cors.allow_headers),
            table.cors.max_age,
        )
    jwt = None
    if table.jwt is not None:
        jwt = JwtConfig(table.jwt.issuer or "", tuple(table.jwt.audience))
    return ApiConfig(table.auth or "iam", cors, table.rate, table.burst, jwt)
