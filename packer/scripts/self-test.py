"""Parts of the self-test that want the bundle's own Python. Each ends with 1 and one line on the first thing amiss."""

import importlib
import importlib.metadata
import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request


def bundle():
    pairs = (line.strip().split("=", 1) for line in open("bundle.env") if "=" in line)
    return {name: value.strip("'") for name, value in pairs}


def refuse_unless(condition, message):
    if not condition:
        sys.exit(f"self-test: {message}")


def versions():
    wanted = bundle()
    for package, version in (
        ("hail", wanted["HAIL_VERSION"]),
        ("pyspark", wanted["SPARK_VERSION"]),
        ("gnomad", wanted["GNOMAD_PACKAGE_VERSION"]),
    ):
        found = importlib.metadata.version(package)
        refuse_unless(found == version, f"{package} is {found}, the bundle says {version}")
    modules = "distutils hail pyspark pyspark.ml gnomad.utils.vep gnomad.variant_qc.random_forest numpy pandas jupyterlab ipykernel"
    for module in modules.split():
        importlib.import_module(module)
    found = "%d.%d" % sys.version_info[:2]
    refuse_unless(found == wanted["PYTHON_VERSION"], f"Python is {found}")
    # One Spark: what is imported is what the daemons run.
    import pyspark

    refuse_unless(os.path.dirname(pyspark.__file__) == os.environ["SPARK_HOME"], f"pyspark is {pyspark.__file__}")


def output_check():
    """Without the repair both raise ValueError, and users learn it after hours of work."""
    import asyncio

    from hailtop.aiotools.router_fs import RouterAsyncFS
    from hailtop.aiotools.validators import validate_file

    async def ask():
        async with RouterAsyncFS() as fs:
            for path in ("hdfs://master:9820/x.ht", "hdfs:///x.ht", "s3a://bucket/x.ht", "/x.ht", "file:///x.ht"):
                await validate_file(path, fs)

    asyncio.run(ask())


def hail():
    output_check()
    # The builder's own name need not lead anywhere.
    os.environ.update(SPARK_LOCAL_IP="127.0.0.1", SPARK_LOCAL_HOSTNAME="localhost")
    import hail as hl

    hl.init(master="local[2]", quiet=True, tmp_dir=os.environ["TMPDIR"], local_tmpdir="file://" + os.environ["TMPDIR"])
    # BLAS: a regression is what finds out that there is none.
    data = hl.balding_nichols_model(3, 50, 200, n_partitions=2)
    data = data.annotate_cols(height=hl.rand_norm(170, 10))
    result = hl.linear_regression_rows(y=data.height, x=data.GT.n_alt_alleles(), covariates=[1.0])
    folder = "file://" + os.path.join(os.environ["TMPDIR"], "regression.ht")
    result = result.checkpoint(folder, overwrite=True)
    refuse_unless(result.count() == 200, f"the regression gave {result.count()} rows, not 200")
    refuse_unless(result.aggregate(hl.agg.count_where(hl.is_defined(result.p_value))) > 0, "the regression gave no p-value")
    java = hl.spark_context()._jvm.java.lang
    java.Class.forName("org.apache.hadoop.fs.s3a.S3AFileSystem")
    hl.stop()


def jupyter():
    """Starts the base's JupyterLab on a port of its own, asks it for itself, its extensions and its kernels."""
    import socket

    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    lab = os.path.join(os.path.dirname(os.environ["SPARK_HOME"]).split("/lib/")[0], "bin/jupyter-lab")
    token = os.urandom(16).hex()
    # A token in place of the password, whose hash comes with the cluster.
    login = ["--PasswordIdentityProvider.password_required=False", f"--IdentityProvider.token={token}"]
    options = [f"--port={port}", "--no-browser", *login, f"--ServerApp.root_dir={os.getcwd()}"]
    log = open("jupyter.log", "w")
    server = subprocess.Popen([lab, *options], stdout=log, stderr=log)
    try:
        base = f"http://127.0.0.1:{port}/jupyter"
        answer = first_answer(server, f"{base}/api", 300)
        kernels = read(f"{base}/api/kernelspecs", token)
        refuse_unless(kernels["default"] == "hail", f"the default kernel is {kernels['default']}")
        refuse_unless(list(kernels["kernelspecs"]) == ["hail"], f"the kernels are {list(kernels['kernelspecs'])}")
        refuse_unless(isinstance(read(f"{base}/api/terminals", token), list), "there are no terminals")
        print(f"JupyterLab answers as jupyter_server {answer['version']}")
    finally:
        server.terminate()
        server.wait(60)


def first_answer(server, url, seconds):
    deadline = time.monotonic() + seconds
    while True:
        try:
            return read(url, "")
        except urllib.error.URLError as error:
            if server.poll() is not None or time.monotonic() > deadline:
                print(open("jupyter.log").read()[-3000:])
                sys.exit(f"self-test: JupyterLab does not answer: {error}")
            time.sleep(0.5)


def read(url, token):
    request = urllib.request.Request(url, headers={"Authorization": f"token {token}"} if token else {})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=60) as answer:
        return json.load(answer)


{"versions": versions, "hail": hail, "jupyter": jupyter}[sys.argv[1]]()
