# nginx, which first boot configures; until then it serves nothing.
# shellcheck shell=bash
. "$HAILSTACK_KIT/lib.sh"

install_packages "${packages_web[@]}"
put_to_sleep "${asleep_web[@]}"
# It would take port 80 for itself.
rm -f /etc/nginx/sites-enabled/default
install -d -m 0700 /etc/nginx/ssl
nginx -t
