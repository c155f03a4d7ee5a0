# uv, the bundle's Python, and the two environments: the base as the lock says, root's own; the overlay that `install`
# adds packages to, chained to the base.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

install_packages "${packages_python[@]}"

rm -rf $hailstack/uv
python3 -m venv $hailstack/uv
$hailstack/uv/bin/python -m pip install -q --require-hashes --only-binary :all: --no-deps -r "$HAILSTACK_KIT/locks/uv.txt"
rm -rf $hailstack/uv/lib/python*/site-packages/pip*
ln -sf $hailstack/uv/bin/uv /usr/local/bin/uv

slot=PYTHON_${PYTHON_VERSION//./_}
platform_packages="${slot}_PACKAGES[@]"
if has_artifact python; then
  python=$hailstack/python/bin/python$PYTHON_VERSION
  fetch python "$HAILSTACK_WORK/python.tar.gz"
  rm -rf $hailstack/python
  mkdir -p $hailstack/python
  tar -xzf "$HAILSTACK_WORK/python.tar.gz" -C $hailstack/python --strip-components=1 --no-same-owner
  rm -f "$HAILSTACK_WORK/python.tar.gz"
elif [ -n "${!slot:-}" ]; then
  python=${!slot}
  install_packages "${!platform_packages}"
else
  fail "$platform has no Python $PYTHON_VERSION, and bundle $BUNDLE_ID names no artefact python"
fi
[ "$("$python" -c 'import sys; print("%d.%d" % sys.version_info[:2])')" = "$PYTHON_VERSION" ] ||
  fail "$python is not Python $PYTHON_VERSION"

rm -rf "$base_venv" "$overlay_venv"
uv venv -q --python "$python" "$base_venv"
# Compiled at once, for nobody but root could do it later; Python's own compileall takes several times as long.
# Wheels alone, but for these: the two exist as sources only. What builds them is pinned as well. annoy would compile
# itself for this very processor, and end with an illegal instruction on a host with an older one.
ANNOY_COMPILER_ARGS=-fpermissive,-O3,-ffast-math,-fno-associative-math,-DANNOYLIB_MULTITHREADED_BUILD,-std=c++14 \
  uv pip install -q --python "$base_venv/bin/python" --require-hashes --compile-bytecode \
  --only-binary :all: --no-binary pyspark --no-binary annoy --build-constraints "$HAILSTACK_KIT/locks/build.txt" \
  -r "$HAILSTACK_INPUTS/requirements.lock"
cp "$HAILSTACK_INPUTS/requirements.lock" $hailstack/base.lock
# What the largest packages test themselves with. numpy stays whole: it imports its own tests.
packages=$(site_packages "$base_venv")
for package in pandas scipy sklearn statsmodels networkx; do
  find "$packages/$package" -type d -name tests -prune -exec rm -rf {} +
done
uv pip freeze -q --python "$base_venv/bin/python" >$hailstack/base-constraints.txt

uv venv -q --python "$python" "$overlay_venv"
# addsitedir, and not the path alone: the base's own .pth files count then, among them the one that brings distutils.
printf 'import site; site.addsitedir("%s")\n' "$(site_packages "$base_venv")" >"$(site_packages "$overlay_venv")/_hailstack_base.pth"
# uv leaves them open to everybody; only root installs here.
rm -f "$base_venv/.lock" "$overlay_venv/.lock"
[ -n "$HAILSTACK_CACHE" ] || rm -rf "$UV_CACHE_DIR"
