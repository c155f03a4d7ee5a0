# What opens the encrypted data volume and shares it.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

install_packages "${packages_storage[@]}"
put_to_sleep "${asleep_storage[@]}"
# The one protocol that is spoken wants none of them, and they would listen to everybody.
systemctl mask -q rpcbind.service rpcbind.socket rpc-statd.service
