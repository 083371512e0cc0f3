"""The commands by name, for `--help` and for the imports of `app`.

It imports nothing, so that the overview takes no longer than Python's start.
"""

COMMANDS = {
    "init": "Scaffold a working project.",
    "train": "Train the model and write its bundle.",
    "compile": "Show whether the model is served compiled to NumPy, and why not.",
    "import": "Import a model that was fitted elsewhere.",
    "serve": "Serve the HTTP API on this machine, without AWS and Docker.",
    "events": "Write sample events for the functions.",
    "local": "Start and stop the embedded AWS on this machine.",
    "build": "Build the Lambda container image and check it.",
    "push": "Push the image to ECR, building it if needed.",
    "plan": "Show what a deploy would change.",
    "deploy": "Make AWS match mldeploy.toml. Change only what differs.",
    "invoke": "Call the deployed endpoint (smoke test).",
    "releases": "List the published releases and which one is live.",
    "rollback": "Serve an earlier release again.",
    "promote": "Deploy the release that one stage runs to another stage.",
    "status": "Show what is deployed and whether it has drifted.",
    "audit": "Show what the images contain, known vulnerabilities and changes.",
    "stages": "List the project's stages and when they expire.",
    "logs": "Show the functions' logs.",
    "cold-start": "Measure the cold start and suggest improvements.",
    "destroy": "Remove a stage from AWS.",
    "clean": "Remove files, images and containers that builds and killed commands left on this "
    "machine.",
    "iam": "Print the permissions that a deploy needs.",
}

_GLOBAL = """\
Every command takes --stage, --region, --profile, --config FILE where it makes sense,
--target local for the AWS on this machine, -o json for scripts, and --help for what
else it can do.
"""


def overview() -> str:
    """Return the text of `mldeploy --help`."""
    width = max(map(len, COMMANDS))
    rows = "\n".join(f"  {name:<{width}}  {text}" for name, text in COMMANDS.items())
    return (
        "Usage: mldeploy COMMAND [OPTIONS]\n\n"
        "From a scikit-learn pipeline on a laptop to an HTTPS endpoint on AWS Lambda.\n\n"
        f"Commands, in the order of a first deployment:\n{rows}\n\n{_GLOBAL}\n"
        "Options:\n  --version  Print the version.\n  --help     Print this.\n"
    )
