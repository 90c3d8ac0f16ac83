#!/bin/sh
# Installs the Debian packages of docker/packages.txt that are missing: as root with apt, without starting a service or
# making a PostgreSQL cluster; as anybody else it says what to install and fails.
set -eu

list="$(dirname "$0")/../docker/packages.txt"
policy=/usr/sbin/policy-rc.d
no_cluster=/etc/postgresql-common/createcluster.d/tests-make-their-own.conf

if ! command -v dpkg-query >/dev/null; then
    for program in initdb redis-server chromium; do
        command -v "$program" >/dev/null || { echo "Not a Debian system, and $program is not in the PATH." >&2; exit 1; }
    done
    exit 0
fi

wanted=$(sed 's/#.*//' "$list")
# shellcheck disable=SC2086  # one word per package
installed=$(dpkg-query --show --showformat='${Package} ${db:Status-Status}\n' $wanted 2>/dev/null) || true
missing=
for package in $wanted; do
    echo "$installed" | grep -qx "$package installed" || missing="$missing $package"
done
[ -n "$missing" ] || exit 0

if [ "$(id -u)" -ne 0 ]; then
    echo "The tests need these Debian packages:$missing" >&2
    echo "Install them with:  sudo apt-get install --no-install-recommends$missing" >&2
    exit 1
fi

restore() {
    rm -f "$policy" "$no_cluster"
    rmdir /etc/postgresql-common/createcluster.d /etc/postgresql-common 2>/dev/null || true
    if [ -e "$policy.before-tests" ]; then mv "$policy.before-tests" "$policy"; fi
}

apt() {
    DEBIAN_FRONTEND=noninteractive apt-get --quiet --quiet --yes --no-install-recommends \
        -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=120 -o Acquire::Retries=3 "$@" </dev/null
}

echo "Installing Debian packages that the tests need:$missing (no service is started)"
if [ -e "$policy" ] && [ ! -e "$policy.before-tests" ]; then mv "$policy" "$policy.before-tests"; fi
trap restore EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP
printf '#!/bin/sh\nexit 101\n' >"$policy"
chmod 755 "$policy"
mkdir -p "${no_cluster%/*}"
echo 'create_main_cluster = false' >"$no_cluster"

# The package lists may be absent, or name versions that the mirror has dropped: only then are they worth fetching.
# shellcheck disable=SC2086
apt install $missing || { echo "Fetching the package lists first." && apt update && apt install $missing; }
