# The JDK of the bundle: from the platform's package where it has one of that version, else from the artefact.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

package=JAVA_${JAVA_VERSION}_PACKAGE
home=$(java_home)
if [ -n "${!package:-}" ]; then
  install_packages "${!package}"
elif has_artifact jdk; then
  fetch jdk /var/tmp/jdk.tar.gz
  rm -rf "$home"
  mkdir -p "$home"
  tar -xzf /var/tmp/jdk.tar.gz -C "$home" --strip-components=1 --no-same-owner
  rm -f /var/tmp/jdk.tar.gz "$home"/lib/src.zip
  # The private authorities of a site count for Java too.
  install_packages ca-certificates-java
  ln -sf /etc/ssl/certs/java/cacerts "$home/lib/security/cacerts"
else
  fail "$platform has no package of Java $JAVA_VERSION, and bundle $BUNDLE_ID names no artefact jdk"
fi

found=$("$home/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
[ "$found" = "$JAVA_VERSION" ] || fail "$home is Java $found, the bundle wants $JAVA_VERSION"
ln -sfn "$home" /opt/java
