"""The commands by name, for `--help` and for the imports of `app`.

It imports nothing, so that the overview takes no longer than Python's start.
"""

SECTIONS = {
    "Make a model": {
        "init": "Scaffold a working project.",
        "train": "Train the model and write its bundle.",
        "report": "Write the model's report and its model card.",
        "import": "Import a model that was fitted elsewhere.",
        "compile": "Show whether the model is served compiled to NumPy, and why not.",
    },
    "Try it on this machine": {
        "serve": "Serve the HTTP API on this machine, without AWS and Docker.",
        "batch": "Score the rows of files.",
        "events": "Write sample events for the functions.",
        "local": "Start and stop the embedded AWS on this machine.",
        "build": "Build the Lambda container image and check it.",
        "cold-start": "Measure the cold start and suggest improvements.",
    },
    "Deploy it": {
        "plan": "Show what a deploy would change.",
        "deploy": "Make AWS match mldeploy.toml. Change only what differs.",
        "push": "Push the image to ECR, building it if needed.",
        "rollback": "Serve an earlier release again.",
        "promote": "Deploy the release that one stage runs to another stage.",
        "iam": "Print the permissions that a deploy needs.",
    },
    "Use and watch it": {
        "invoke": "Call the deployed endpoint (smoke test).",
        "open": "Show the deployed endpoint's page in the browser.",
        "client": "Write a typed client of the model, in Python or TypeScript.",
        "status": "Show what is deployed and whether it has drifted.",
        "releases": "List the published releases and which one is live.",
        "stages": "List the project's stages and when they expire.",
        "logs": "Show the functions' logs.",
        "audit": "Show what the images contain, known vulnerabilities and changes.",
    },
    "Take it away": {
        "destroy": "Remove a stage from AWS.",
        "clean": "Remove what builds and killed commands left on this machine.",
    },
    "Get help": {
        "explain": "Show what an error code means and what to do.",
        "completion": "Print the script for completion in bash, zsh or fish.",
    },
}
"""By purpose, in the order of a first deployment."""

COMMANDS = {name: text for section in SECTIONS.values() for name, text in section.items()}

_GLOBAL = """\
Every command takes --stage, --region, --profile, --config FILE where it makes sense,
--target local for the AWS on this machine, and -o json for scripts.
`mldeploy help COMMAND` shows a command's options and examples.
"""


def overview() -> str:
    """Return the text of `mldeploy --help`."""
    width = max(map(len, COMMANDS))
    sections = "\n".join(
        f"{title}:\n" + "".join(f"  {name:<{width}}  {text}\n" for name, text in rows.items())
        for title, rows in SECTIONS.items()
    )
    return (
        "Usage: mldeploy COMMAND [OPTIONS]\n\n"
        "From a scikit-learn pipeline on a laptop to an HTTPS endpoint on AWS Lambda.\n\n"
        f"{sections}\n{_GLOBAL}\n"
        "Options:\n  --version   Print the version.\n  -h, --help  Print this.\n"
    )
