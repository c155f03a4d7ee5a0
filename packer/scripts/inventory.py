"""inventory.py INPUTS PLATFORM HADOOP_HOME SPARK_HOME: writes image.json and sbom.cdx.json of the running system."""

import hashlib
import importlib.metadata
import json
import pathlib
import re
import subprocess
import sys
import uuid

inputs, platform, hadoop_home, spark_home = (pathlib.Path(each) for each in sys.argv[1:5])
bundle = dict(
    (name, value.strip("'"))
    for name, value in (line.strip().split("=", 1) for line in open(inputs / "bundle.env") if "=" in line)
)


def debian():
    """Every installed package, with the version the archive knows it by."""
    form = "${db:Status-Abbrev}\t${Package}\t${Version}\t${Architecture}\n"
    listed = subprocess.run(["dpkg-query", "-W", f"-f={form}"], check=True, capture_output=True, text=True).stdout
    distribution = str(platform).split("-")[0]
    for line in listed.splitlines():
        status, name, version, architecture = line.split("\t")
        if status.strip() == "ii":
            purl = f"pkg:deb/{distribution}/{quoted(name)}@{quoted(version)}?arch={architecture}"
            yield component(name, version, purl)


def python():
    for each in importlib.metadata.distributions():
        name = re.sub(r"[-_.]+", "-", each.metadata["Name"]).lower()
        yield component(name, each.version, f"pkg:pypi/{name}@{quoted(each.version)}")


def jars():
    """By file name, which is what a jar's own metadata can be relied on for; with its digest."""
    for path in sorted([*hadoop_home.resolve().rglob("*.jar"), *(spark_home / "jars").glob("*.jar")]):
        match = re.fullmatch(r"(.+?)-(\d[\w.+-]*)\.jar", path.name)
        name, version = match.groups() if match else (path.stem, "")
        found = component(name, version, f"pkg:generic/{quoted(name)}" + (f"@{quoted(version)}" if version else ""))
        found["bom-ref"] = str(path)
        found["hashes"] = [{"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}]
        found["evidence"] = {"occurrences": [{"location": str(path)}]}
        yield found


def artifacts():
    for line in open(inputs / "artifacts"):
        name, version, algorithm, digest, *_ = line.rstrip("\n").split("\t")
        found = component(name, version, f"pkg:generic/{quoted(name)}@{quoted(version)}")
        found["bom-ref"] = f"artifact:{name}"
        found["hashes"] = [{"alg": {"sha256": "SHA-256", "sha512": "SHA-512"}[algorithm], "content": digest}]
        yield found


def component(name, version, purl):
    return {"type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl}


def quoted(text):
    return text.replace("%", "%25").replace("+", "%2B").replace(":", "%3A").replace("~", "%7E").replace("/", "%2F")


components = {each["bom-ref"]: each for part in (debian, python, jars, artifacts) for each in part()}
sbom = {
    "bomFormat": "CycloneDX",
    "specVersion": "1.5",
    "serialNumber": f"urn:uuid:{uuid.uuid4()}",
    "version": 1,
    "metadata": {
        "timestamp": bundle["BUILT_AT"],
        "tools": {"components": [{"type": "application", "name": "hailstack", "version": bundle["TOOL_VERSION"]}]},
        "component": {"type": "operating-system", "name": f"hailstack-{bundle['BUNDLE_ID']}", "version": bundle["BUILD_ID"]},
    },
    "components": list(components.values()),
}
versions = {
    name.removesuffix("_VERSION").lower(): value for name, value in bundle.items() if name.endswith("_VERSION") and name != "TOOL_VERSION"
}
image = {
    "bundle": bundle["BUNDLE_ID"],
    "build": bundle["BUILD_ID"],
    "built_at": bundle["BUILT_AT"],
    "platform": str(platform),
    "base_image": bundle["BASE_IMAGE_ID"],
    "hailstack": bundle["TOOL_VERSION"],
    "scripts_digest": bundle["SCRIPTS_DIGEST"],
    "login_user": bundle["LOGIN_USER"],
    "versions": versions,
    "kernel": subprocess.run(["uname", "-r"], check=True, capture_output=True, text=True).stdout.strip(),
    "components": len(components),
}
pathlib.Path("/etc/hailstack/image.json").write_text(json.dumps(image, indent=2) + "\n")
pathlib.Path("/usr/share/hailstack/sbom.cdx.json").write_text(json.dumps(sbom) + "\n")
