# Netdata, which runs only on clusters that ask for it.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

install_packages "${packages_monitoring[@]}"
put_to_sleep "${asleep_monitoring[@]}"
# It asks its maker's server whether there is news, unless this file is there.
mkdir -p /etc/netdata
touch /etc/netdata/.opt-out-from-anonymous-statistics
