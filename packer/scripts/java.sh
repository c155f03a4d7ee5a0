# The JDK of the bundle: from the platform's package where it has one of that version, else from the artefact.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

package=JAVA_${JAVA_VERSION}_PACKAGE
home=$(java_home)
if [ -n "${!package:-}" ]; then
  install_packages "${!package}"
elif has_artifact jdk; then
  fetch jdk "$HAILSTACK_WORK/jdk.tar.gz"
  rm -rf "$home"
  mkdir -p "$home"
  tar -xzf "$HAILSTACK_WORK/jdk.tar.gz" -C "$home" --strip-components=1 --no-same-owner
  rm -f "$HAILSTACK_WORK/jdk.tar.gz" "$home"/lib/src.zip
  # It brings a list of authorities of its own, to which a site's are added. Debian's own list is no substitute: it is
  # only made where Debian finds a Java of its own.
  for certificate in /usr/local/share/ca-certificates/hailstack/*.crt; do
    [ -e "$certificate" ] || continue
    "$home/bin/keytool" -importcert -noprompt -cacerts -storepass changeit -file "$certificate" \
      -alias "$(basename "$certificate" .crt)" 2>&1
  done
else
  fail "$platform has no package of Java $JAVA_VERSION, and bundle $BUNDLE_ID names no artefact jdk"
fi

found=$("$home/bin/java" -version 2>&1 | sed -n 's/.*version "\([0-9]*\).*/\1/p')
[ "$found" = "$JAVA_VERSION" ] || fail "$home is Java $found, the bundle wants $JAVA_VERSION"
# For making other runtimes out of it, which nobody does here; a third of its size.
rm -rf "$home/jmods"
ln -sfn "$home" /opt/java
