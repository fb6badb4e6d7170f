"""Makes an OCI image layout of one layer: three programs with their libraries, and a file that only it has."""
import hashlib
import io
import json
import os
import re
import subprocess
import sys
import tarfile

folder = sys.argv[1]
blobs = os.path.join(folder, "blobs", "sha256")
os.makedirs(blobs)


def blob(data, media_type):
    digest = hashlib.sha256(data).hexdigest()
    with open(os.path.join(blobs, digest), "wb") as file:
        file.write(data)
    return {"mediaType": media_type, "digest": f"sha256:{digest}", "size": len(data)}


programs = ["/bin/sh", "/bin/cat", "/bin/sleep"]
linked = subprocess.run(["ldd", *programs], capture_output=True, text=True).stdout
files = {*programs, *re.findall(r"(/\S+) \(", linked)}
packed = io.BytesIO()
with tarfile.open(fileobj=packed, mode="w:gz") as layer:
    for path in sorted(files):
        layer.add(os.path.realpath(path), arcname=path.lstrip("/"))
    flavour = b"vanilla\n"
    entry = tarfile.TarInfo("etc/flavour")
    entry.size, entry.mode = len(flavour), 0o644
    layer.addfile(entry, io.BytesIO(flavour))

layer = blob(packed.getvalue(), "application/vnd.oci.image.layer.v1.tar+gzip")
program = ["/bin/sh", "-c", "read flavour < /etc/flavour; echo $flavour from the $PLACE; exec sleep 10000"]
config = {
    "architecture": "amd64",
    "os": "linux",
    "config": {"Entrypoint": program, "Env": ["PLACE=image"]},
    "rootfs": {"type": "layers", "diff_ids": []},
}
config = blob(json.dumps(config).encode(), "application/vnd.oci.image.config.v1+json")
manifest = {
    "schemaVersion": 2,
    "mediaType": "application/vnd.oci.image.manifest.v1+json",
    "config": config,
    "layers": [layer],
}
manifest = blob(json.dumps(manifest).encode(), "application/vnd.oci.image.manifest.v1+json")
with open(os.path.join(folder, "index.json"), "w") as file:
    json.dump({"schemaVersion": 2, "manifests": [manifest]}, file)
with open(os.path.join(folder, "oci-layout"), "w") as file:
    json.dump({"imageLayoutVersion": "1.0.0"}, file)
