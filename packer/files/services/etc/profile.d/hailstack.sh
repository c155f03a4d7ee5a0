# shellcheck shell=sh
# The same environment for shells, notebooks and services: /etc/hailstack/cluster.env. Programs of the overlay first.
if [ -r /etc/hailstack/cluster.env ]; then
  set -a
  # shellcheck disable=SC1091
  . /etc/hailstack/cluster.env
  set +a
  PATH="/opt/hailstack/overlay-venv/bin:/opt/hailstack/base-venv/bin:$SPARK_HOME/bin:$HADOOP_HOME/bin:$JAVA_HOME/bin:$PATH"
fi
