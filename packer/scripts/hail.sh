# Hail on the one Spark: native libraries, the S3A jars, the repair of Hail's output check.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

install_packages "${packages_hail[@]}"

spark=$(spark_home)
ln -sfn "$spark" /opt/spark
mkdir -p /etc/spark/conf
[ -x "$spark/bin/spark-class" ] || chmod 0755 "$spark"/bin/*

# Beside Spark's own jars, because a notebook's session loses what spark-defaults.conf says of class paths.
for name in hadoop-aws aws-java-sdk-bundle; do
  fetch "$name" "$HAILSTACK_WORK/$name.jar"
  rm -f "$spark/jars/$name"-*.jar
  install -m 0644 "$HAILSTACK_WORK/$name.jar" "$spark/jars/$name-$(artifact_version "$name").jar"
  rm -f "$HAILSTACK_WORK/$name.jar"
done

# Hail asks its Python side about every output, which knows no hdfs:// and no s3a://. Without fuzz: a Hail that was
# changed there must be looked at again.
packages=$(site_packages "$base_venv")
repair=$HAILSTACK_KIT/patches/hail-$HAIL_VERSION.patch
[ -e "$repair" ] || fail "there is no $repair: look whether Hail $HAIL_VERSION still needs it"
apply_once "$packages" "$repair"
"$base_venv/bin/python" -m compileall -q "$packages/hailtop/aiotools/validators.py"

# One name for it in every bundle, whatever its Python: spark-submit and executors find it there.
[ -e "$packages/hail/backend/hail-all-spark.jar" ] || fail "Hail $HAIL_VERSION brings no jar for Spark"
ln -sfn "$packages/hail/backend/hail-all-spark.jar" $hailstack/hail-all-spark.jar

[ -e "$spark/jars/scala-library-$SCALA_VERSION.jar" ] || fail "Spark $SPARK_VERSION does not bring Scala $SCALA_VERSION"
