"""The CDK's CLI bootstraps an account, deploys the stack, updates and destroys it: on moto, an
emulator of AWS that runs here, without Docker.

moto keeps what is created in memory and answers the API calls that ask for it. What it does not
know is accepted unseen, and named at the end. Nothing here says that AWS would accept it.
"""

import json
import logging
import os
import re
import subprocess
import sys
import tempfile
import time
import warnings
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from fnmatch import fnmatchcase
from pathlib import Path

import boto3
from moto.cloudformation import models, parsing
from moto.cloudformation.exceptions import CloudFormationError
from moto.core import config
from moto.core.authorization import ActionAuthenticatorMixin
from moto.core.common_models import CloudFormationModel
from moto.core.exceptions import AccessDeniedError
from moto.core.responses import BaseResponse
from moto.server import ThreadedMotoServer

INFRA = Path(__file__).resolve().parent.parent
ACCOUNT, REGION = "123456789012", "eu-central-1"
STACKS = f"arn:aws:cloudformation:{REGION}:{ACCOUNT}:stack"
# The example of AWS's guides. What has another key has an administrator's rights.
ACCESS_KEY = "AKIAIOSFODNN7EXAMPLE"
ROUTES = ["list-events", "create-event", "get-event", "delete-event"]
# What prod asks for; the other stages take it too.
SETTINGS = ["alarmEmail=alarms@example.org", "budgetUsd=10"]

# Types of resources that the emulator does not know.
unknown: dict[str, set[str]] = {}
# Whose rights the commands have; None: an administrator's.
role: "Role | None" = None
# Calls that the emulator could not answer.
crashes: list[str] = []


def accept_unknown_types() -> None:
    known = parsing.resource_class_from_type

    def resource_class_from_type(resource_type: str) -> type[CloudFormationModel] | None:
        # A custom resource would need Docker: its function runs.
        if not resource_type.startswith("Custom::"):
            found = known(resource_type)
            if found or resource_type in parsing.NULL_MODELS:
                return found

        class Accepted(CloudFormationModel):
            """Gives each attribute a value that says where it comes from."""

            # moto reads the name of the service from it.
            __module__ = "moto.unknown"

            def __init__(self, name: str):
                self.physical_resource_id = name

            def get_cfn_attribute(self, attribute: str) -> str:
                return f"{self.physical_resource_id}.{attribute}.example".lower()

            @classmethod
            def has_cfn_attr(cls, _: str) -> bool:
                return True

            def is_created(self) -> bool:
                return True

            @classmethod
            def create_from_cloudformation_json(cls, resource_name, *_, **more):
                unknown.setdefault(resource_type, set()).add(more["LogicalId"])
                return cls(resource_name)

            @classmethod
            def update_from_cloudformation_json(cls, original_resource, **_):
                return original_resource

            @classmethod
            def delete_from_cloudformation_json(cls, *_) -> None:
                pass

        return Accepted

    parsing.resource_class_from_type = resource_class_from_type


def refuse_what_the_role_may_not() -> None:
    """moto's own check of rights knows nothing of the stack that a call is about."""

    def authorize(self, _, resource="*"):
        if role is None or self.get_access_key() != ACCESS_KEY:
            return
        call = f"{self.service_name}:{self._get_action()}"
        if call == "sts:GetCallerIdentity":
            return
        if call == "sts:AssumeRole":
            resource = self._get_param("RoleArn")
        elif self.service_name == "cloudformation":
            stack = self._get_param("StackName") or ""
            resource = stack if stack.startswith("arn:") else f"{STACKS}/{stack}/id"
        elif self.service_name == "ssm":
            resource = f"arn:aws:ssm:{REGION}:{ACCOUNT}:parameter{self._get_param('Name')}"
        if not role.allows(call, resource):
            raise AccessDeniedError("emulated", f"{call} on {resource}")

    ActionAuthenticatorMixin._authenticate_and_authorize_action = authorize


def notice_crashes() -> None:
    call_action = BaseResponse.call_action

    def noticed(self):
        try:
            return call_action(self)
        except Exception as error:
            # The CLI would try again, and then succeed with what is half made.
            crashes.append(f"{self.service_name}:{self._get_action()}: {error!r}")
            raise

    BaseResponse.call_action = noticed


def give_outputs() -> None:
    """moto reads the outputs of a template only where a stack is made without a change set."""
    apply = models.ChangeSet.apply

    def applied(self):
        apply(self)
        stack = self.stack
        stack.output_map = parsing.OutputMap(stack.resource_map, self.template_dict, stack.stack_id)

    models.ChangeSet.apply = applied


def keep_previous_parameters() -> None:
    """The CLI says `UsePreviousValue`. moto then looks for the value where its name belongs."""
    parse = parsing.ResourceMap.parse_ssm_parameter

    def parsed(self, value, value_type):
        return parse(self, value, value_type) if value.startswith("/") else value

    parsing.ResourceMap.parse_ssm_parameter = parsed


class ChangeSetNotFound(CloudFormationError):
    __module__ = CloudFormationError.__module__
    code = "ChangeSetNotFound"


def answer_for_missing_change_sets() -> None:
    """The CLI deletes one that may not be there, and waits until AWS says that it is not."""
    backend = models.CloudFormationBackend
    delete, describe = backend.delete_change_set, backend.describe_change_set

    def is_there(self, name):
        names = {change_set.change_set_name for change_set in self.change_sets.values()}
        return name in names | self.change_sets.keys()

    def deleted(self, change_set_name):
        if is_there(self, change_set_name):
            delete(self, change_set_name)

    def described(self, change_set_name):
        if not is_there(self, change_set_name):
            raise ChangeSetNotFound(f"ChangeSet [{change_set_name}] does not exist")
        return describe(self, change_set_name)

    backend.delete_change_set, backend.describe_change_set = deleted, described


class Failed(Exception):
    pass


def ensure(condition: bool, words: str) -> None:
    if not condition:
        raise Failed(words)


class Emulated:
    def __init__(self, port: int, work: Path):
        self.work = work
        own = ("PATH", "HOME", "TMPDIR", "LANG")
        endpoint = f"http://127.0.0.1:{port}"
        self.environment = {name: os.environ[name] for name in own if name in os.environ} | {
            "AWS_ENDPOINT_URL": endpoint,
            # moto finds the bucket of a template in a path of this host.
            "AWS_ENDPOINT_URL_S3_FOR_CLOUDFORMATION": f"http://localhost:{port}",
            "AWS_ACCESS_KEY_ID": ACCESS_KEY,
            "AWS_SECRET_ACCESS_KEY": "emulated",
            "AWS_REGION": REGION,
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "CDK_DISABLE_CLI_TELEMETRY": "true",
            "NODE_NO_WARNINGS": "1",
        }
        self.session = boto3.Session("administrator", "emulated", region_name=REGION)
        self.endpoint = endpoint

    def client(self, service: str):
        return self.session.client(service, endpoint_url=self.endpoint)

    def cdk(self, *arguments: str, fails: bool = False) -> str:
        """Runs the CLI and gives what it said."""
        command = [INFRA / "node_modules/.bin/cdk", *arguments]
        run = subprocess.run(
            command, cwd=INFRA, env=self.environment, text=True, timeout=300,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
        )  # fmt: skip
        if (run.returncode != 0) != fails or crashes:
            print(run.stdout)
            why = crashes or [f"it ended with {run.returncode}"]
            raise Failed(f"cdk {' '.join(arguments)}: {'; '.join(why)}")
        return run.stdout

    def synthesize(self, stage: str, release: str) -> str:
        """Writes an assembly with artefacts that differ by release."""
        artefacts = self.work / release
        (artefacts / "site").mkdir(parents=True, exist_ok=True)
        page = (INFRA / "placeholders/site/index.html").read_text()
        (artefacts / "site/index.html").write_text(page.replace("</", f"<!-- {release} --></", 1))
        for route in ROUTES:
            with zipfile.ZipFile(artefacts / f"{route}.zip", "w") as archive:
                archive.writestr("bootstrap", f"{route} {release}")
        assembly = str(self.work / f"{stage}-{release}")
        context = [f"stage={stage}", f"lambdas={artefacts}", f"site={artefacts}/site", *SETTINGS]
        options = [word for setting in context for word in ("--context", setting)]
        self.cdk("synth", "--quiet", "--no-validation", "--output", assembly, *options)
        return assembly

    def outputs(self, stack: str) -> dict[str, str]:
        (found,) = self.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
        ensure(found["StackStatus"].endswith("_COMPLETE"), f"{stack}: {found['StackStatus']}")
        return {output["OutputKey"]: output["OutputValue"] for output in found["Outputs"]}

    def code(self) -> dict[str, str]:
        functions = self.client("lambda").list_functions()["Functions"]
        return {function["FunctionName"]: function["CodeSha256"] for function in functions}

    def left(self) -> list[str]:
        """What is in the account besides the bootstrap stack's own resources."""
        found = [f"table {name}" for name in self.client("dynamodb").list_tables()["TableNames"]]
        found += [f"function {name}" for name in self.code()]
        groups = self.client("logs").describe_log_groups()["logGroups"]
        found += [f"log group {group['logGroupName']}" for group in groups]
        buckets = self.client("s3").list_buckets()["Buckets"]
        found += [f"bucket {bucket['Name']}" for bucket in buckets]
        roles = self.client("iam").list_roles()["Roles"]
        found += [f"role {role['RoleName']}" for role in roles]
        return [name for name in found if " cdk-" not in name]


def stack_name(assembly: str) -> str:
    (template,) = Path(assembly).glob("*.template.json")
    return template.name.removesuffix(".template.json")


class Role:
    """A role of a job on GitHub, by its policy in infra/README.md."""

    def __init__(self, job: str, stack: str):
        text = (INFRA / "README.md").read_text().split(f"The role of the job `{job}`", 1)[1]
        policy = re.search(r"```json\n(.*?)```", text, re.DOTALL).group(1)
        places = {"ACCOUNT": ACCOUNT, "REGION": REGION, "events-STAGE": stack}
        for place, value in places.items():
            policy = policy.replace(place, value)
        self.statements = json.loads(policy)["Statement"]

    def allows(self, call: str, resource: str) -> bool:
        return any(
            call in statement["Action"]
            and any(fnmatchcase(resource, pattern) for pattern in statement["Resource"])
            for statement in self.statements
        )


@contextmanager
def as_role(job: str, stack: str) -> Iterator[None]:
    global role
    role = Role(job, stack)
    try:
        yield
    finally:
        role = None


def check(emulated: Emulated) -> None:
    def say(words: str) -> None:
        print(f"{time.monotonic() - started:5.1f} s  {words}")

    started = time.monotonic()
    # A clean clone has no artefacts, and this needs none.
    emulated.cdk("bootstrap", f"aws://{ACCOUNT}/{REGION}", "--app", "")
    ensure(not emulated.left(), f"after bootstrap there is more: {emulated.left()}")
    say("bootstrapped")

    first = emulated.synthesize("dev", "first")
    name = stack_name(first)
    deploy = ("deploy", "--require-approval", "never", "--progress", "events", "--app")
    with as_role("deploy", name):
        said = emulated.cdk(*deploy, first)
    ensure("Proceeding anyway" in said, "the CLI assumed a role that it may not assume")
    outputs = emulated.outputs(name)
    table = emulated.client("dynamodb").describe_table(TableName=outputs["TableName"])["Table"]
    (index,) = table["GlobalSecondaryIndexes"]
    ensure(table["BillingModeSummary"]["BillingMode"] == "PAY_PER_REQUEST", "billing of the table")
    code = emulated.code()
    say(f"{name}: deployed, with the index {index['IndexName']} and {len(code)} functions")

    said = emulated.cdk(*deploy, first)
    ensure("(no changes)" in said, f"the same assembly changed something: {said}")
    say(f"{name}: a second deployment changes nothing")

    second = emulated.synthesize("dev", "second")
    with as_role("plan", name):
        said = emulated.cdk("diff", "--app", second)
        emulated.cdk(*deploy, second, fails=True)
    ensure("Number of stacks with differences: 1" in said, f"the next release is none: {said}")
    ensure(emulated.code() == code, "the role of the plan changed the functions")
    say(f"{name}: the role of the plan shows the changes and may not make them")
    with as_role("deploy", name):
        emulated.cdk(*deploy, second)
    emulated.outputs(name)
    changed = [function for function, sha in emulated.code().items() if code.get(function) != sha]
    ensure(len(changed) == len(ROUTES), f"an update of {len(ROUTES)} functions changed {changed}")
    say(f"{name}: an update changes the code of {len(changed)} functions")

    with as_role("deploy", name):
        emulated.cdk("destroy", "--force", "--app", second)
    ensure(not emulated.left(), f"after destroy there is still {emulated.left()}")
    say(f"{name}: destroyed, nothing is left")

    prod = emulated.synthesize("prod", "first")
    with as_role("deploy", name):
        refused = emulated.cdk(*deploy, prod, fails=True)
    ensure("not authorized" in refused, f"the role of {name} deploys prod: {refused}")
    say(f"{name}: its role may not deploy prod")
    name = stack_name(prod)
    manifest = Path(prod, "manifest.json")
    # moto has no UpdateTerminationProtection.
    unprotected = manifest.read_text().replace('Protection": true', 'Protection": false')
    manifest.write_text(unprotected)
    emulated.cdk(*deploy, prod)
    kept = emulated.outputs(name)["TableName"]
    emulated.cdk("destroy", "--force", "--app", prod)
    ensure(f"table {kept}" in emulated.left(), f"{name}: destroy took the table {kept}")
    protected = emulated.client("dynamodb").describe_table(TableName=kept)["Table"]
    ensure(protected["DeletionProtectionEnabled"], f"{name}: the table is not protected")
    say(f"{name}: deployed and destroyed; the table stays, protected from deletion")


def main() -> int:
    accept_unknown_types()
    refuse_what_the_role_may_not()
    notice_crashes()
    give_outputs()
    answer_for_missing_change_sets()
    keep_previous_parameters()
    # Functions are kept and not run, which would need Docker.
    config.default_user_config["lambda"] = {"use_docker": False}
    # One line a call.
    logging.getLogger("werkzeug").setLevel(logging.ERROR)
    # Said again at the end.
    logging.getLogger("moto").setLevel(logging.ERROR)
    warnings.simplefilter("ignore")
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    try:
        with tempfile.TemporaryDirectory(prefix="emulated-") as work:
            check(Emulated(server.get_host_and_port()[1], Path(work)))
    except Failed as failed:
        print(f"error: {failed}")
        return 1
    finally:
        server.stop()
    print("accepted unseen, because the emulator does not know them:")
    for resource_type, resources in sorted(unknown.items()):
        print(f"  {resource_type} ({len(resources)})")
    return 0


if __name__ == "__main__":
    sys.exit(main())
