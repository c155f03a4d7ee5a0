# Hadoop below /opt/hadoop, and the configuration folder that replaces its own: /etc/hadoop/conf.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

home=/opt/hadoop-$HADOOP_VERSION
fetch hadoop "$HAILSTACK_WORK/hadoop.tar.gz"
rm -rf "$home"
mkdir -p "$home"
# Half of the tarball is documentation and the sources of its programs.
tar -xzf "$HAILSTACK_WORK/hadoop.tar.gz" -C "$home" --strip-components=1 --no-same-owner \
  --exclude='*/share/doc' --exclude='*-sources.jar'
rm -f "$HAILSTACK_WORK/hadoop.tar.gz"
ln -sfn "$home" /opt/hadoop

# HADOOP_CONF_DIR hides etc/hadoop whole: what the daemons cannot start without comes along.
mkdir -p /etc/hadoop/conf
for file in log4j.properties hadoop-env.sh capacity-scheduler.xml hadoop-policy.xml; do
  install -m 0644 "$home/etc/hadoop/$file" "/etc/hadoop/conf/$file"
done
# One place for configuration: whoever forgets the variable gets the same files.
rm -rf "$home/etc/hadoop"
ln -s /etc/hadoop/conf "$home/etc/hadoop"

told=$(JAVA_HOME=$(java_home) HADOOP_CONF_DIR=/etc/hadoop/conf "$home/bin/hadoop" version)
[ "${told%%$'\n'*}" = "Hadoop $HADOOP_VERSION" ] || fail "$home is not Hadoop $HADOOP_VERSION but ${told%%$'\n'*}"
