# The one file of the cluster's environment, the units under the login user's name, and nothing enabled but what
# makes a first boot whole.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

mkdir -p /etc/hailstack
cat >/etc/hailstack/cluster.env <<ENV
JAVA_HOME=$(java_home)
HADOOP_HOME=/opt/hadoop
HADOOP_CONF_DIR=/etc/hadoop/conf
YARN_CONF_DIR=/etc/hadoop/conf
HADOOP_OPTIONAL_TOOLS=hadoop-aws
SPARK_HOME=$(spark_home)
SPARK_CONF_DIR=/etc/spark/conf
SPARK_LOCAL_DIRS=/var/lib/hailstack/spark/local
PYSPARK_PYTHON=$overlay_venv/bin/python
PYSPARK_DRIVER_PYTHON=$overlay_venv/bin/python
PYTHONHASHSEED=0
HAIL_HOME=/var/lib/hailstack/hail
HAIL_LOG_DIR=/var/log/hail
HAIL_HOME=/var/lib/hailstack/hail
HAIL_QUERY_BACKEND=spark
ENV

grep -rl '@LOGIN_USER@' /etc/systemd/system | while read -r unit; do
  sed -i "s/@LOGIN_USER@/$LOGIN_USER/g" "$unit"
done
systemctl enable -q hailstack-first-boot.service
