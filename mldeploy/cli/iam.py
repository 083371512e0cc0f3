"""`mldeploy iam policy`, `iam trust` and `iam boundary`."""

from typing import Annotated, Any

import typer

from mldeploy.cli.examples import examples
from mldeploy.cli.shared import project_command
from mldeploy.config import Config
from mldeploy.deploy.permissions import deployer_policy, makes_administrators
from mldeploy.deploy.trust import Workflow, boundary, github_trust
from mldeploy.render import Renderer
from mldeploy.render.machine import document_words
from mldeploy.resources.policy_document import document_of

GithubOption = Annotated[
    str,
    typer.Option(
        "--github",
        metavar="REPOSITORY",
        help="GitHub repository that deploys: OWNER/NAME, or OWNER@ID/NAME@ID.",
    ),
]
BranchOption = Annotated[
    str, typer.Option("--branch", metavar="NAME", help="Branch that may deploy.")
]
EnvironmentOption = Annotated[
    str,
    typer.Option(
        "--environment",
        metavar="NAME",
        help="GitHub environment of the deploying job, instead of a branch.",
    ),
]
AccountOption = Annotated[
    str | None,
    typer.Option(
        "--account", metavar="ID", help="AWS account, 12 digits.", show_default="from [role] arn"
    ),
]

app = typer.Typer(help="Print policy documents for IAM.")


@app.callback()
def iam() -> None:
    """Print policy documents for IAM: who may deploy, and how far a function's role may go."""


@app.command()
@project_command
@examples(
    (
        "Write the policy of those who deploy the stage dev to a file",
        "mldeploy iam policy > policy.json",
    ),
    ("Print the policy for another stage", "mldeploy iam policy --stage prod"),
)
def policy(settings: Config, renderer: Renderer) -> None:
    """Print an IAM policy for deploying this project; AWS isn't called."""
    if makes_administrators(settings):
        renderer.say(
            "This policy can give any permission to a function's role, so anyone with this policy "
            "can become an administrator of the account. To prevent that, set [role] "
            "permissions_boundary "
            "(`mldeploy iam boundary` prints one) or [role] arn."
        )
    _print(deployer_policy(settings), renderer)


@app.command()
@project_command
@examples(
    (
        "Let the branch main of a repository deploy",
        "mldeploy iam trust --github me/app --account 123456789012",
    ),
    (
        "Let only jobs of one GitHub environment deploy",
        "mldeploy iam trust --github me/app --account 123456789012 --environment prod",
    ),
)
def trust(
    settings: Config,
    renderer: Renderer,
    *,
    github: GithubOption,
    branch: BranchOption = "main",
    environment: EnvironmentOption = "",
    account: AccountOption = None,
) -> None:
    """Print the trust policy of a role for GitHub Actions; AWS isn't called."""
    workflow = Workflow(github, branch, environment)
    document = github_trust(settings, workflow, account)
    if not workflow.has_ids:
        renderer.say(
            "A repository that was created, renamed or transferred since 2026-07-15 needs its ids: "
            "--github OWNER@ID/NAME@ID."
        )
    _print(document, renderer)


@app.command(name="boundary")
@project_command
@examples(
    (
        "Write the boundary to a file, from which an administrator makes a policy",
        "mldeploy iam boundary > boundary.json",
    ),
    ("Print the boundary for another stage", "mldeploy iam boundary --stage prod"),
)
def boundary_document(settings: Config, renderer: Renderer) -> None:
    """Print a permissions boundary for the functions' roles; AWS isn't called."""
    _print(boundary(settings), renderer)


def _print(document: dict[str, Any], renderer: Renderer) -> None:
    found = document_of(document)
    renderer.result(found, document_words(found))
