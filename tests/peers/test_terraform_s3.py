"""Given the real Terraform with its states in S3 (moto), when it applies several times, then `oncall changelog
--source s3-state` tells each apply by its resources and the names of their attributes; the pipes `plan` and
`apply` read what the same Terraform writes; and nothing that was sensitive is anywhere in what `oncall` says
or keeps."""

import os
import pathlib
import shutil
import subprocess
import tempfile
import time
import unittest

import harness

BUCKET, KEY = "states", "network/terraform.tfstate"
STAGING = f"{KEY} (workspace staging)"

# What the configuration is given as sensitive; each apply has another one.
SECRETS = [f"hunter-{number}-swordfish" for number in range(1, 9)]

# terraform_data is built into Terraform: no provider is downloaded.
MAIN = """
terraform {{
  backend "s3" {{
    bucket                      = "{bucket}"
    key                         = "{key}"
    region                      = "us-east-1"
    use_lockfile                = true
    use_path_style              = true
    skip_credentials_validation = true
    skip_requesting_account_id  = true
    skip_metadata_api_check     = true
    skip_region_validation      = true
    endpoints                   = {{ s3 = "{url}" }}
  }}
}}

variable "password" {{
  type      = string
  sensitive = true
}}

variable "image" {{ default = "registry/web:1" }}
variable "generation" {{ default = 1 }}
variable "queues" {{
  type    = list(string)
  default = ["bills", "mails"]
}}

resource "terraform_data" "web" {{
  input = {{ image = var.image, password = var.password }}
}}

resource "terraform_data" "rotated" {{
  input            = "steady"
  triggers_replace = [var.generation]
}}

resource "terraform_data" "queue" {{
  for_each = toset(var.queues)
  input    = {{ name = each.key }}
}}

output "password" {{
  value     = var.password
  sensitive = true
}}
"""


class Terraform:
    """The real one, in a folder of its own, without anybody's settings."""

    def __init__(self, url, folder):
        self.folder = folder
        (folder / "main.tf").write_text(MAIN.format(bucket=BUCKET, key=KEY, url=url))
        self.environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "TF_IN_AUTOMATION": "1",
            "TF_CLI_ARGS": "-no-color",
            "CHECKPOINT_DISABLE": "1",
            "NO_PROXY": "127.0.0.1,localhost",
            "AWS_EC2_METADATA_DISABLED": "true",
            **harness.KEYS,
        }

    def __call__(self, *arguments, **variables):
        """Its output, as bytes."""
        said = {f"TF_VAR_{name}": str(value) for name, value in variables.items()}
        ended = subprocess.run(
            ["terraform", *arguments], cwd=self.folder, env={**self.environment, **said},
            stdin=subprocess.DEVNULL, capture_output=True, timeout=harness.PATIENCE,
        )
        if ended.returncode != 0:
            raise RuntimeError(f"terraform {arguments}: {ended.stderr.decode()}{ended.stdout.decode()}")
        return ended.stdout

    def apply(self, **variables):
        # S3 tells whole seconds: two applies within one have no order.
        time.sleep(1.1)
        self("apply", "-auto-approve", "-input=false", **variables)


def setUpModule():
    harness.binary()
    if not shutil.which("terraform"):
        harness.absent("terraform is not installed")
    url = unittest.enterModuleContext(harness.moto())
    folder = pathlib.Path(tempfile.mkdtemp(prefix="oncall-terraform-"))
    unittest.addModuleCleanup(shutil.rmtree, folder, ignore_errors=True)
    OnTerraform.url = url
    OnTerraform.s3 = s3 = harness.client("s3", url)
    s3.create_bucket(Bucket=BUCKET)
    s3.put_bucket_versioning(Bucket=BUCKET, VersioningConfiguration={"Status": "Enabled"})
    live(Terraform(url, folder))


def live(terraform):
    """A day of a state: made, changed, replaced, thinned out; and one of another workspace, destroyed."""
    terraform("init", "-input=false")
    terraform.apply(password=SECRETS[0])
    second = {"password": SECRETS[1], "image": "registry/web:2"}
    terraform("plan", "-input=false", "-out=plan.bin", **second)
    OnTerraform.plan = terraform("show", "-json", "plan.bin")
    OnTerraform.binary_plan = (terraform.folder / "plan.bin").read_bytes()
    time.sleep(1.1)
    OnTerraform.applied = terraform("apply", "-json", "plan.bin")
    terraform.apply(**second, generation=2)
    terraform.apply(**second, generation=2, queues='["bills"]')
    # An apply that finds nothing to do writes nothing.
    terraform.apply(**second, generation=2, queues='["bills"]')
    terraform("workspace", "new", "staging")
    terraform.apply(password=SECRETS[2])
    time.sleep(1.1)
    terraform("destroy", "-auto-approve", "-input=false", password=SECRETS[2])


def sketch(record):
    """`update terraform_data.web (input, output)` for each resource, in the order of their addresses."""
    lines = []
    for resource in sorted(record.get("resources", []), key=lambda resource: resource["address"]):
        names = ", ".join(resource.get("attributes", []))
        lines.append(f"{resource['action']} {resource['address']}" + (f" ({names})" if names else ""))
    return lines


class OnTerraform(harness.Spec):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.home.write("config/oncall/config.toml", f'[[s3_state]]\nbucket = "{BUCKET}"\n')
        cls.oncall = harness.Oncall(cls.home, AWS_ENDPOINT_URL=cls.url, **harness.KEYS)

    def changes(self, *arguments, code=0, oncall=None):
        result = (oncall or self.oncall)("changelog", "--source", "s3-state", "--since", "1h", *arguments)
        self.assertCode(code, result)
        self.assertNoSecret(result)
        return [record for record in result.records if record["kind"] == "change"], result

    def piped(self, verb, text, code=0):
        with tempfile.TemporaryFile() as pipe:
            pipe.write(text)
            pipe.seek(0)
            result = self.oncall("changelog", verb, "-", stdin=pipe)
        self.assertCode(code, result)
        self.assertNoSecret(result)
        return result.records

    def assertNoSecret(self, result):
        for secret in SECRETS:
            self.assertNotIn(secret.encode(), result.stdout)
            self.assertNotIn(secret, result.stderr)


class States(OnTerraform):
    def test_each_apply_is_a_change_with_its_resources_the_newest_first(self):
        changes, _ = self.changes()
        self.assertEqual(
            [
                (STAGING, [f"delete terraform_data.{name}" for name in
                           ('queue["bills"]', 'queue["mails"]', "rotated", "web")]),
                (STAGING, [f"create terraform_data.{name}" for name in
                           ('queue["bills"]', 'queue["mails"]', "rotated", "web")]),
                (KEY, ['delete terraform_data.queue["mails"]']),
                (KEY, ["replace terraform_data.rotated (id, triggers_replace)"]),
                (KEY, ["update terraform_data.web (input, output)"]),
                (KEY, [f"create terraform_data.{name}" for name in
                       ('queue["bills"]', 'queue["mails"]', "rotated", "web")]),
            ],
            [(record["system"], sketch(record)) for record in changes],
        )

    def test_counts_and_flags_say_what_was_destroyed(self):
        changes, _ = self.changes()
        destroyed, _, thinned, replaced, updated, _ = changes
        self.assertEqual(4, destroyed["counts"]["destroy"])
        self.assertIn("DESTROYS", destroyed["flags"])
        self.assertIn("DESTROYS", thinned["flags"])
        self.assertEqual({"add": 1, "change": 0, "destroy": 1, "replace": 1}, replaced["counts"])
        self.assertEqual({"add": 0, "change": 1, "destroy": 0}, updated["counts"])

    def test_time_and_id_are_those_of_the_version(self):
        listed = self.s3.list_object_versions(Bucket=BUCKET)["Versions"]
        states = {version["VersionId"]: version for version in listed if version["Key"].endswith(".tfstate")}
        changes, _ = self.changes()
        for record in changes:
            version = states[record["id"]]
            self.assertEqual("s3-state", record["source"])
            self.assertEqual("us-east-1", record["region"])
            written = int(version["LastModified"].timestamp())
            self.assertEqual(written, harness.millis(record["time"]) // 1000)

    def test_a_prefix_leaves_the_others_out(self):
        home = self.new_home()
        config = f'[[s3_state]]\nbucket = "{BUCKET}"\nprefix = "elsewhere/"\n'
        home.write("config/oncall/config.toml", config)
        oncall = harness.Oncall(home, AWS_ENDPOINT_URL=self.url, **harness.KEYS)
        changes, _ = self.changes(code=1, oncall=oncall)
        self.assertEqual([], changes)

    def test_nothing_sensitive_is_said_kept_or_logged(self):
        kept = self.s3.get_object(Bucket=BUCKET, Key=KEY)["Body"].read()
        self.assertIn(SECRETS[1].encode(), kept, "the state is full of what must not be told")
        for arguments in (["--debug"], ["--debug", "--rank", "--explain"]):
            _, result = self.changes(*arguments)
            self.assertIn("GetObject", result.stderr, "the log of requests is there to be searched")
        for file in self.home.files():
            for secret in SECRETS:
                self.assertNotIn(secret.encode(), file.read_bytes(), file)

    def test_a_bucket_that_keeps_no_versions_is_said(self):
        self.s3.create_bucket(Bucket="forgetful")
        self.s3.copy_object(Bucket="forgetful", Key=KEY, CopySource={"Bucket": BUCKET, "Key": KEY})
        home = self.new_home()
        home.write("config/oncall/config.toml", '[[s3_state]]\nbucket = "forgetful"\n')
        oncall = harness.Oncall(home, AWS_ENDPOINT_URL=self.url, **harness.KEYS)
        changes, result = self.changes(code=3, oncall=oncall)
        self.assertEqual([KEY], [record["system"] for record in changes])
        # moto names the root of its answer otherwise than S3, so that the SDK cannot read it.
        self.assertIn("whether the bucket keeps all versions is not known", result.stderr + result.text)

    def test_a_bucket_that_is_not_there_is_said(self):
        home = self.new_home()
        home.write("config/oncall/config.toml", '[[s3_state]]\nbucket = "nobodys"\n')
        oncall = harness.Oncall(home, AWS_ENDPOINT_URL=self.url, **harness.KEYS)
        _, result = self.changes(code=3, oncall=oncall)
        self.assertIn("there is no bucket nobodys", result.stderr + result.text)


class Deleted(OnTerraform):
    def test_a_state_that_is_deleted_leaves_its_resources_without_an_owner(self):
        key = "gone/terraform.tfstate"
        self.s3.copy_object(Bucket=BUCKET, Key=key, CopySource={"Bucket": BUCKET, "Key": KEY})
        time.sleep(1.1)
        self.s3.delete_object(Bucket=BUCKET, Key=key)
        try:
            changes, _ = self.changes()
            deleted = [record for record in changes if record["system"] == key]
            self.assertRegex(deleted[0]["summary"], "^the state was deleted with 3 resources in it")
            self.assertEqual(3, deleted[0]["counts"]["forget"])
            self.assertIn("DESTROYS", deleted[0]["flags"])
        finally:
            for kind in ("Versions", "DeleteMarkers"):
                for version in self.s3.list_object_versions(Bucket=BUCKET, Prefix=key).get(kind, []):
                    self.s3.delete_object(Bucket=BUCKET, Key=key, VersionId=version["VersionId"])


class Pipes(OnTerraform):
    def test_the_plan_says_what_it_would_change(self):
        self.assertIn(SECRETS[1].encode(), self.plan, "Terraform's JSON does not mask it")
        [change] = self.piped("plan", self.plan)
        self.assertEqual(("plan", "planned"), (change["source"], change["status"]))
        self.assertEqual(["update terraform_data.web (input, output)"], sketch(change))

    def test_the_apply_says_what_it_changed_and_when(self):
        changes = self.piped("apply", self.applied)
        [change] = [record for record in changes if record["kind"] == "change"]
        self.assertEqual(("apply", "applied"), (change["source"], change["status"]))
        [web] = change["resources"]
        self.assertEqual(("update", "terraform_data.web"), (web["action"], web["address"]))
        self.assertIn("time", web)

    def test_a_plan_that_is_piped_as_a_binary_says_what_to_type(self):
        with tempfile.TemporaryFile() as pipe:
            pipe.write(self.binary_plan)
            pipe.seek(0)
            result = self.oncall("changelog", "plan", "-", stdin=pipe)
        self.assertNotEqual(0, result.code, result)
        self.assertIn("terraform show -json", result.stderr)


if __name__ == "__main__":
    unittest.main()
